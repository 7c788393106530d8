//! Parts of HTML that Markdown cannot hold.

use crate::knowledge::{Location, Problem, localized};

/// The parts of a text that Markdown could not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Number of images.
    pub(crate) images: usize,
    /// Addresses of links whose page is unknown.
    pub(crate) dead_links: Vec<String>,
}

impl Lost {
    /// Reports what was lost.
    pub(crate) fn problems(&self, location: &Location) -> Vec<Problem> {
        let mut problems = Vec::new();
        let images = self.images;
        if images > 0 {
            problems.push(Problem::warning(
                location.clone(),
                localized!(
                    ja: "画像 {images} 枚は取り込めません（説明の文字だけを残しました）",
                    en: "{images} image(s) cannot be imported; their descriptions were kept",
                ),
                localized!(
                    ja: "必要なら、文章で書き足すか、画像のあるページへのリンクにしてください",
                    en: "if needed, describe them in words, or link to the page with the image",
                ),
            ));
        }
        if !self.dead_links.is_empty() {
            let links = self.dead_links.join(", ");
            problems.push(Problem::warning(
            location.clone(),
            localized!(
                ja: "リンクの先が分からないため、文字だけを残しました: {links}",
                en: "these links lead nowhere outside the page, so only their text was kept: {links}",
            ),
            localized!(
                ja: "もとのページのアドレスを --base-url https://… で指定してください",
                en: "give the address of the page: --base-url https://…",
            ),
        ));
        }
        problems
    }
}
