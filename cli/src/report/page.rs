//! The file itself: its frame, style and script, and the data as JSON beside them.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::data::Report;

const HTML: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
/// One script of several files, so that one hash stands in the policy.
const SCRIPT: &str = concat!(
    include_str!("page/elements.js"),
    include_str!("page/words.js"),
    include_str!("page/plots.js"),
    include_str!("page/overview.js"),
    include_str!("page/workers.js"),
    include_str!("page/list.js"),
    include_str!("page/object.js"),
    include_str!("page/marks.js"),
    include_str!("page/moves.js"),
);

/// How many objects one block of data holds: the page reads a block when the first of its objects is opened.
const OBJECTS_PER_BLOCK: usize = 200;

/// Writes the page.
///
/// # Errors
/// When `file` does.
pub(crate) fn write(report: &Report, file: &mut impl Write) -> anyhow::Result<()> {
    let [before_policy, before_style, before_data, before_script, end] = parts();
    write!(file, "{before_policy}{}{before_style}{STYLE}{before_data}", policy(&report.image_sources))?;
    write_block(file, "overview", &report.overview)?;
    write_block(file, "workers", &report.workers)?;
    write_block(file, "index", &report.index)?;
    for (block, objects) in report.objects.chunks(OBJECTS_PER_BLOCK).enumerate() {
        write_block(file, &format!("objects-{block}"), &objects)?;
    }
    write!(file, "{before_script}{SCRIPT}{end}")?;
    Ok(())
}

/// What stands around and between the four things that are put in.
fn parts() -> [&'static str; 5] {
    let (before_policy, rest) = HTML.split_once("{{policy}}").unwrap_or((HTML, ""));
    let (before_style, rest) = rest.split_once("{{style}}").unwrap_or((rest, ""));
    let (before_data, rest) = rest.split_once("{{data}}").unwrap_or((rest, ""));
    let (before_script, end) = rest.split_once("{{script}}").unwrap_or((rest, ""));
    [before_policy, before_style, before_data, before_script, end]
}

/// Nothing but the page's own style and script, and images.
fn policy(images: &str) -> String {
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    format!(
        "default-src 'none'; style-src '{style}'; script-src '{script}'; img-src {images}; base-uri 'none'; \
         form-action 'none'"
    )
}

/// The hash of an element's text as a policy names it.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(Sha256::digest(text)))
}

fn write_block(file: &mut impl Write, id: &str, value: &impl Serialize) -> anyhow::Result<()> {
    writeln!(file, r#"<script type="application/json" id="{id}">{}</script>"#, json(value)?)?;
    Ok(())
}

/// JSON in which nothing can be taken for HTML: outside of strings JSON has none of these characters, and within them an
/// escape says the same.
fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string(value)?;
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    Ok(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_no_html_and_says_the_same() {
        let hostile = "</script><!-- <b>&amp; \u{2028}\u{2029} \"\\";
        let text = json(&hostile).expect("JSON");
        assert!(!text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).expect("JSON"), hostile);
    }

    #[test]
    fn style_and_script_cannot_end_early_and_touch_no_html() {
        assert!(parts().iter().all(|part| !part.is_empty()), "page.html has a place for each");
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</"), "an element would end there");
            assert!(!text.contains("<!--"));
        }
        for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "srcdoc"] {
            assert!(!SCRIPT.contains(way), "{way} makes HTML or code of text");
        }
    }

    #[test]
    fn hashes_are_those_of_the_policy_language() {
        // The example of the specification: the hash of alert('Hello, world.');
        assert_eq!(hash("alert('Hello, world.');"), "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }
}
