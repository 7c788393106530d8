//! The look of an organisation in the help centre and the widget: name, logo, colours, links.
//!
//! Invariant: addresses are of the web, and colours are valid, so pages can contain them.

use super::language::Localized;

/// The look of an organisation, read from `brand.toml`; all parts are optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// The name of the organisation, before that of the help centre.
    pub organisation: Option<Localized>,
    /// The logo in the header of pages.
    pub logo: Option<Logo>,
    /// The accent on a light background, as it is written; see [`Self::accents`].
    pub accent: Option<Rgb>,
    /// The accent on a dark background, as it is written.
    pub accent_dark: Option<Rgb>,
    /// A line beside the field for questions, such as 「個人情報は入力しないでください」.
    pub notice: Option<Localized>,
    /// The address of the privacy policy.
    pub privacy: Option<String>,
    /// Links in the footer of pages.
    pub links: Vec<FooterLink>,
}

impl Brand {
    /// Returns the accents on a light and on a dark background; one alone is for both.
    #[must_use]
    pub fn accents(&self) -> Option<(Rgb, Rgb)> {
        let light = self.accent.or(self.accent_dark)?;
        Some((light, self.accent_dark.unwrap_or(light)))
    }
}

/// Greatest length of an SVG, in bytes; it is part of every first visit.
pub const MAX_SVG_BYTES: usize = 64 * 1024;

/// A logo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logo {
    /// An SVG image.
    Svg(String),
    /// The address of an image.
    Address(String),
}

/// A link in the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FooterLink {
    /// Its text.
    pub label: Localized,
    /// Its address.
    pub url: String,
}

/// A colour: red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// Parses `#rrggbb` or `#rgb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#')?;
        let doubled: String = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            _ => digits.to_owned(),
        };
        let mut parts = [0; 3];
        hex::decode_to_slice(doubled, &mut parts).ok()?;
        Some(Self(parts))
    }

    /// Returns the colour as CSS writes it.
    #[must_use]
    pub fn css(self) -> String {
        format!("#{}", hex::encode(self.0))
    }

    /// Returns the contrast of two colours, 1 to 21 (WCAG 2).
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// Mixes the colour with black or white until its contrast with all grounds is at least `least`.
    #[must_use]
    pub fn readable(self, grounds: &[Self], least: f64) -> Self {
        /// Luminance at which black and white contrast alike.
        const MIDDLE: f64 = 0.18;
        let is_light = grounds
            .first()
            .is_some_and(|ground| ground.luminance() > MIDDLE);
        let target = if is_light { 0.0 } else { 255.0 };
        let mixed = |percent: u32| {
            Self(self.0.map(|part| {
                let part = f64::from(part);
                (part + (target - part) * f64::from(percent) / 100.0).round() as u8
            }))
        };
        let is_readable = |color: &Self| {
            grounds
                .iter()
                .all(|ground| color.contrast(*ground) >= least)
        };
        (0..100)
            .step_by(2)
            .map(mixed)
            .find(is_readable)
            .unwrap_or(mixed(100))
    }

    /// Returns white or black, whichever is readable on this colour; white if both are.
    #[must_use]
    pub fn text_on(self) -> Self {
        const WHITE: Rgb = Rgb([255; 3]);
        match self.contrast(WHITE) >= MIN_TEXT_CONTRAST {
            true => WHITE,
            false => Self([0; 3]),
        }
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let share = f64::from(part) / 255.0;
            match share <= 0.04045 {
                true => share / 12.92,
                false => ((share + 0.055) / 1.055).powf(2.4),
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// Least contrast of text (WCAG 2.2 AA).
pub const MIN_TEXT_CONTRAST: f64 = 4.5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_hexadecimal() {
        assert_eq!(Rgb::parse("#003366"), Some(Rgb([0, 51, 102])));
        assert_eq!(Rgb::parse(" #fd0 "), Some(Rgb([255, 221, 0])));
        for wrong in ["003366", "#00336", "red", "#gggggg", ""] {
            assert_eq!(Rgb::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Rgb([0, 51, 102]).css(), "#003366");
    }

    #[test]
    fn one_accent_alone_is_for_both_grounds() {
        let (light, dark) = (Rgb([0, 51, 102]), Rgb([255, 212, 0]));
        for (accent, accent_dark, expected) in [
            (Some(light), Some(dark), Some((light, dark))),
            (Some(light), None, Some((light, light))),
            (None, Some(dark), Some((dark, dark))),
            (None, None, None),
        ] {
            let brand = Brand {
                accent,
                accent_dark,
                ..Brand::default()
            };
            assert_eq!(brand.accents(), expected);
        }
    }

    #[test]
    fn any_color_becomes_readable_on_light_and_on_dark_ground() {
        let light = [Rgb([255; 3]), Rgb([245, 247, 250])];
        let dark = [Rgb([20, 24, 30]), Rgb([29, 35, 43])];
        // 216 colours in even steps.
        let steps = || (0..=255_u8).step_by(51);
        for red in steps() {
            for (green, blue) in steps().flat_map(|green| steps().map(move |blue| (green, blue))) {
                let color = Rgb([red, green, blue]);
                for grounds in [light, dark] {
                    let text = color.readable(&grounds, MIN_TEXT_CONTRAST);
                    for ground in grounds {
                        assert!(
                            text.contrast(ground) >= MIN_TEXT_CONTRAST,
                            "{color:?} {text:?}"
                        );
                    }
                }
                assert!(
                    color.text_on().contrast(color) >= MIN_TEXT_CONTRAST,
                    "{color:?}"
                );
            }
        }
        let blue = Rgb([0, 51, 102]);
        assert_eq!(
            blue.readable(&light, MIN_TEXT_CONTRAST),
            blue,
            "a readable one is kept"
        );
    }
}
