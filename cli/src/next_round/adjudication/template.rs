//! The template of an adjudication job: that of the old job, with a table of the answers in front of its form, and marks to
//! start with. Pure.

use ground_truth::annotation_kinds::ALL;

/// The table. It reads `task.input.adjudication`, which PreHumanTaskLambda hands on from the manifest line.
const PANEL: &str = include_str!("../../../templates/adjudication-panel.liquid.html");

/// Puts the table into a template: first in its form, else before its first element.
pub(in super::super) fn adjudicating(template: &str) -> String {
    let mut text = template.to_owned();
    // From the end, so that earlier positions stay valid.
    for tag in tags(template).iter().rev() {
        if let Some(attribute) = initial_value(tag) {
            text.insert_str(tag.end_of_attributes(), &attribute);
        }
    }
    let tags = tags(&text);
    let form = tags.iter().find(|tag| tag.name == "crowd-form").map(|tag| tag.end);
    let first = || tags.iter().find(|tag| tag.name.starts_with("crowd-")).map(|tag| tag.start);
    let position = form.or_else(first).unwrap_or(0);
    text.insert_str(position, PANEL);
    text
}

/// The attribute that lets an element start with the marks of the present label; none where it has one, or needs none.
fn initial_value(tag: &Tag<'_>) -> Option<String> {
    ALL.iter().find(|kind| kind.particulars.prefilled_element == Some(tag.name))?;
    let field = tag.attribute("name")?;
    // A name in Liquid is quoted.
    let is_quotable = !field.contains(['\'', '"', '{', '}', '%', '\\']);
    if tag.attribute("initial-value").is_some() || !is_quotable {
        return None;
    }
    let value = format!("task.input.adjudication.initial['{field}']");
    Some(format!("\n    {{% if {value} %}}initial-value=\"{{{{ {value} | to_json | escape }}}}\"{{% endif %}}"))
}

/// The opening tag of an element.
struct Tag<'a> {
    name: &'a str,
    text: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Tag<'a> {
    fn end_of_attributes(&self) -> usize {
        let inside = self.text.trim_end_matches('>').trim_end_matches('/');
        self.start + inside.trim_end().len()
    }

    /// The value of a quoted attribute.
    fn attribute(&self, name: &str) -> Option<&'a str> {
        let text = self.text;
        text.match_indices(name).find_map(|(position, _)| {
            let begins = text[..position].ends_with(char::is_whitespace);
            let rest = text[position + name.len()..].trim_start().strip_prefix('=')?.trim_start();
            let quote = rest.chars().next().filter(|c| begins && matches!(c, '"' | '\''))?;
            rest[1..].split(quote).next()
        })
    }
}

/// The opening tags of a template, in order; comments and scripts have none. What Liquid puts between `{{` and `}}` or `{%` and
/// `%}` is passed over, quotes and all.
fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut position = 0;
    while let Some(found) = text[position..].find('<') {
        let start = position + found;
        let rest = &text[start..];
        if rest.starts_with("<!--") {
            position = start + rest.find("-->").map_or(rest.len(), |end| end + 3);
            continue;
        }
        let name = &rest[1..];
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(name.len())];
        let length = length_of_tag(rest);
        if !name.is_empty() {
            tags.push(Tag { name, text: &rest[..length], start, end: start + length });
        }
        position = start + length;
        if name == "script" || name == "style" {
            let close = format!("</{name}");
            position += text[position..].find(&close).unwrap_or(text.len() - position);
        }
    }
    tags
}

/// From `<` to the `>` that stands in no quotes.
fn length_of_tag(text: &str) -> usize {
    let (mut quote, mut position) = (None, 1);
    while let Some(c) = text[position..].chars().next() {
        let rest = &text[position..];
        let liquid = [("{{", "}}"), ("{%", "%}")].into_iter().find(|(open, _)| rest.starts_with(open));
        if let Some((_, close)) = liquid {
            position += rest.find(close).map_or(rest.len(), |end| end + close.len());
            continue;
        }
        position += c.len_utf8();
        match quote {
            None if c == '>' => return position,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(open) if open == c => quote = None,
            None | Some(_) => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_first_in_the_form() {
        let text = adjudicating(
            "<!-- <crowd-form> --><script>\"<crowd-form>\"</script><crowd-form answer-format=\"a>b\"><p>x",
        );
        assert_eq!(
            text,
            format!(
                "<!-- <crowd-form> --><script>\"<crowd-form>\"</script><crowd-form answer-format=\"a>b\">{PANEL}<p>x"
            )
        );
        let alone = adjudicating("<p>x</p><crowd-text-ranking name='f'>");
        assert_eq!(alone, format!("<p>x</p>{PANEL}<crowd-text-ranking name='f'>"));
        assert_eq!(adjudicating("x"), format!("{PANEL}x"));
    }

    #[test]
    fn marks_start_with_the_present_label() {
        let check = |tag: &str, expected: Option<&str>| {
            let tags = tags(tag);
            assert_eq!(tags.len(), 1, "{tag}");
            assert_eq!(initial_value(&tags[0]).is_some(), expected.is_some(), "{tag}");
            if let Some(expected) = expected {
                assert!(adjudicating(tag).ends_with(expected), "{}", adjudicating(tag));
            }
        };
        let value = "\n    {% if task.input.adjudication.initial['f'] %}initial-value=\"{{ \
                     task.input.adjudication.initial['f'] | to_json | escape }}\"{% endif %}";
        check(
            "<crowd-polygon\n name=\"f\" header='x > \"y\"' src=\"{{ a | append: '>\"' }}\">",
            Some(&format!("src=\"{{{{ a | append: '>\"' }}}}\"{value}>")),
        );
        check("<crowd-keypoint name = 'f'/>", Some(&format!("name = 'f'{value}/>")));
        check("<crowd-bounding-box name=\"f\" initial-value=\"[]\">", None);
        check("<crowd-bounding-box name=\"{{ x }}\">", None);
        check("<crowd-bounding-box data-name=\"f\">", None);
        check("<crowd-classifier name=\"f\">", None);
    }

    /// Everything that a worker wrote is escaped, in text and in attributes.
    #[test]
    fn every_value_is_escaped() {
        let text = adjudicating("<crowd-form><crowd-bounding-box name=\"f\"></crowd-bounding-box></crowd-form>");
        let values: Vec<&str> = text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()).collect();
        assert_eq!(values.len(), 6);
        assert!(values.iter().all(|value| value.trim_end().ends_with("| escape")), "{values:?}");
        assert!(!text.contains("skip_autoescape"));
    }
}
