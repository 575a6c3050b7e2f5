//! In which order the faces of a frame are counted.

use crate::profiles::Order;

use super::super::Face;

/// Sorts faces; those that are equal stay as they were.
pub fn sort(faces: &mut [Face], order: Order) {
    // FaceFusion counts from the box's left and top sides, too.
    let key = |f: &Face| match order {
        Order::Size => -f.area(),
        Order::SizeReverse => f.area(),
        Order::Score => -f.score,
        Order::ScoreReverse => f.score,
        Order::LeftRight => f.bounds[0],
        Order::RightLeft => -f.bounds[0],
        Order::TopBottom => f.bounds[1],
        Order::BottomTop => -f.bounds[1],
    };
    faces.sort_by(|a, b| key(a).total_cmp(&key(b)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::detect::Found;

    #[test]
    fn every_order_counts_as_it_says() {
        let face = |i: u64, bounds, score| {
            let mut face = Face::found(&Found { bounds, points: [[0.0; 2]; 5], score });
            face.track = i;
            face
        };
        let faces = [
            face(0, [50.0, 90.0, 70.0, 110.0], 0.9),
            face(1, [10.0, 50.0, 50.0, 90.0], 0.7),
            face(2, [90.0, 10.0, 100.0, 20.0], 0.8),
        ];
        for (order, wanted) in [
            (Order::Size, [1, 0, 2]),
            (Order::SizeReverse, [2, 0, 1]),
            (Order::Score, [0, 2, 1]),
            (Order::ScoreReverse, [1, 2, 0]),
            (Order::LeftRight, [1, 0, 2]),
            (Order::RightLeft, [2, 0, 1]),
            (Order::TopBottom, [2, 1, 0]),
            (Order::BottomTop, [0, 1, 2]),
        ] {
            let mut sorted = faces.to_vec();
            sort(&mut sorted, order);
            assert_eq!(sorted.iter().map(|f| f.track).collect::<Vec<_>>(), wanted, "{order:?}");
        }
    }
}
