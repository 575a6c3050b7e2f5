//! A few words on a picture: capitals, digits and a few signs, five dots wide and seven high.

use super::picture::Picture;

/// Columns from one letter to the next, in dots.
const ADVANCE: usize = 6;
/// Height of a line in dots.
pub const HEIGHT: usize = 7;

/// Rows of five bits, the left one first.
fn dots(letter: char) -> [u8; HEIGHT] {
    match letter.to_ascii_uppercase() {
        'A' => [14, 17, 17, 31, 17, 17, 17],
        'B' => [30, 17, 17, 30, 17, 17, 30],
        'C' => [14, 17, 16, 16, 16, 17, 14],
        'D' => [30, 17, 17, 17, 17, 17, 30],
        'E' => [31, 16, 16, 30, 16, 16, 31],
        'F' => [31, 16, 16, 30, 16, 16, 16],
        'G' => [14, 17, 16, 23, 17, 17, 15],
        'H' => [17, 17, 17, 31, 17, 17, 17],
        'I' => [14, 4, 4, 4, 4, 4, 14],
        'J' => [7, 2, 2, 2, 2, 18, 12],
        'K' => [17, 18, 20, 24, 20, 18, 17],
        'L' => [16, 16, 16, 16, 16, 16, 31],
        'M' => [17, 27, 21, 21, 17, 17, 17],
        'N' => [17, 25, 21, 19, 17, 17, 17],
        'O' => [14, 17, 17, 17, 17, 17, 14],
        'P' => [30, 17, 17, 30, 16, 16, 16],
        'Q' => [14, 17, 17, 17, 21, 18, 13],
        'R' => [30, 17, 17, 30, 20, 18, 17],
        'S' => [15, 16, 16, 14, 1, 1, 30],
        'T' => [31, 4, 4, 4, 4, 4, 4],
        'U' => [17, 17, 17, 17, 17, 17, 14],
        'V' => [17, 17, 17, 17, 17, 10, 4],
        'W' => [17, 17, 17, 21, 21, 27, 17],
        'X' => [17, 17, 10, 4, 10, 17, 17],
        'Y' => [17, 17, 10, 4, 4, 4, 4],
        'Z' => [31, 1, 2, 4, 8, 16, 31],
        '0' => [14, 17, 19, 21, 25, 17, 14],
        '1' => [4, 12, 4, 4, 4, 4, 14],
        '2' => [14, 17, 1, 6, 8, 16, 31],
        '3' => [14, 17, 1, 6, 1, 17, 14],
        '4' => [2, 6, 10, 18, 31, 2, 2],
        '5' => [31, 16, 30, 1, 1, 17, 14],
        '6' => [14, 16, 16, 30, 17, 17, 14],
        '7' => [31, 1, 2, 4, 4, 4, 4],
        '8' => [14, 17, 17, 14, 17, 17, 14],
        '9' => [14, 17, 17, 15, 1, 1, 14],
        '.' => [0, 0, 0, 0, 0, 12, 12],
        ',' => [0, 0, 0, 0, 12, 4, 8],
        '-' => [0, 0, 0, 31, 0, 0, 0],
        '#' => [10, 10, 31, 10, 31, 10, 10],
        _ => [0; HEIGHT],
    }
}

/// Width of a line in pixels, with dots of this size.
pub fn width(text: &str, dot: usize) -> usize {
    (text.chars().count() * ADVANCE).saturating_sub(1) * dot
}

/// Column and row of every dot of a line, in dots from its upper left corner. Letters that are not
/// there stay blank.
pub fn lit(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    text.chars().enumerate().flat_map(|(n, letter)| {
        dots(letter).into_iter().enumerate().flat_map(move |(row, bits)| {
            let columns = (0..5).filter(move |column| bits >> (4 - column) & 1 == 1);
            columns.map(move |column| (n * ADVANCE + column, row))
        })
    })
}

/// Writes a line, its upper left corner at (x, y); what leaves the picture is cut off.
pub fn write(picture: &mut Picture, text: &str, x: usize, y: usize, dot: usize, color: [u8; 3]) {
    for (column, row) in lit(text) {
        let (left, top) = ((x + column * dot) as i64, (y + row * dot) as i64);
        picture.fill(left, top, left + dot as i64, top + dot as i64, color);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_letter_is_another_one_and_five_dots_wide() {
        let all: Vec<_> = ('A'..='Z').chain('0'..='9').map(dots).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 36);
        assert!(all.iter().flatten().all(|row| *row < 32));
    }

    #[test]
    fn a_line_takes_the_room_it_says() {
        let mut picture = Picture::plain(100, 30, [0; 3]);
        write(&mut picture, "HUH", 10, 5, 2, [255; 3]);
        let lit = |x: usize, y: usize| picture.pixels[y * 100 + x] == [255; 3];
        let columns: Vec<usize> = (0..100).filter(|&x| (0..30).any(|y| lit(x, y))).collect();
        let rows: Vec<usize> = (0..30).filter(|&y| (0..100).any(|x| lit(x, y))).collect();
        assert_eq!((columns[0], columns[columns.len() - 1]), (10, 10 + width("HUH", 2) - 1));
        assert_eq!((rows[0], rows.len()), (5, 2 * HEIGHT));
        write(&mut picture, "WIDE", 90, 25, 3, [255; 3]);
    }
}
