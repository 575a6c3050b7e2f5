//! What a film in high dynamic range says about its light: the display that it was mastered on, and
//! how bright it becomes.

use super::ffprobe::SideData;
use super::info::{Light, Mastering};

/// Chromaticities are told in steps of this part of 1 (SMPTE ST 2086, as in H.265 D.3.28).
const CHROMATICITY: f64 = 50_000.0;

/// Luminances are told in steps of this part of a candela per square meter.
const LUMINANCE: f64 = 10_000.0;

/// What a stream or frame says; nothing where it does not.
pub(super) fn of(list: &[SideData]) -> Light {
    let named = |name: &str| list.iter().find(|data| data.side_data_type == name);
    let content = named("Content light level metadata");
    Light {
        mastering: named("Mastering display metadata").and_then(mastering),
        content: content.and_then(|data| Some((data.max_content?, data.max_average?))),
    }
}

fn mastering(data: &SideData) -> Option<Mastering> {
    let at = |x: &Option<String>, y: &Option<String>| {
        Some([steps(x.as_deref()?, CHROMATICITY)?, steps(y.as_deref()?, CHROMATICITY)?])
    };
    Some(Mastering {
        red: at(&data.red_x, &data.red_y)?,
        green: at(&data.green_x, &data.green_y)?,
        blue: at(&data.blue_x, &data.blue_y)?,
        white: at(&data.white_point_x, &data.white_point_y)?,
        luminance: [
            steps(data.min_luminance.as_deref()?, LUMINANCE)?,
            steps(data.max_luminance.as_deref()?, LUMINANCE)?,
        ],
    })
}

/// A fraction, which is in lowest terms or not, in steps; Matroska's are floating point numbers.
fn steps(fraction: &str, per_one: f64) -> Option<u32> {
    let (num, den) = fraction.split_once('/')?;
    let (num, den): (f64, f64) = (num.parse().ok()?, den.parse().ok()?);
    let steps = (num / den * per_one).round();
    (den > 0.0 && (0.0..=f64::from(u32::MAX)).contains(&steps)).then_some(steps as u32)
}

impl Light {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.mastering.is_none() && self.content.is_none()
    }

    /// As options in x264's and x265's own words, which differ in the options' names.
    pub(super) fn options(&self, display: &str, content: &str) -> Vec<String> {
        let mastering = self.mastering.map(|m| {
            let xy = |[x, y]: [u32; 2]| format!("({x},{y})");
            let [least, most] = m.luminance;
            let [green, blue, red, white] = [m.green, m.blue, m.red, m.white].map(xy);
            format!("{display}=G{green}B{blue}R{red}WP{white}L({most},{least})")
        });
        let content = self.content.map(|(most, average)| format!("{content}={most},{average}"));
        mastering.into_iter().chain(content).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ffprobe_says_is_told_to_the_encoders() {
        let json = r#"[
            { "side_data_type": "Mastering display metadata",
              "red_x": "34000/50000", "red_y": "16000/50000",
              "green_x": "4446117/16777216", "green_y": "69/100",
              "blue_x": "7500/50000", "blue_y": "3000/50000",
              "white_point_x": "15635/50000", "white_point_y": "16450/50000",
              "min_luminance": "50/10000", "max_luminance": "1000/1" },
            { "side_data_type": "Content light level metadata",
              "max_content": 1000, "max_average": 400 }
        ]"#;
        let light = of(&serde_json::from_str::<Vec<SideData>>(json).unwrap());
        assert_eq!(
            light.options("master-display", "max-cll"),
            [
                "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)\
                 L(10000000,50)",
                "max-cll=1000,400"
            ]
        );
    }

    #[test]
    fn half_of_it_is_nothing() {
        let json = r#"[{ "side_data_type": "Mastering display metadata", "red_x": "1/0" }]"#;
        assert!(of(&serde_json::from_str::<Vec<SideData>>(json).unwrap()).is_empty());
        assert!(of(&[]).is_empty());
        assert!(Light::default().options("a", "b").is_empty());
    }
}
