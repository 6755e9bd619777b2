//! What workers fill in about a frame or a label, beside the label itself.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Found;

const MAX_NAME: usize = 16;
const MAX_CHOICES: usize = 10;
const MAX_DESCRIPTION: usize = 128;

/// How many attributes a frame has at most, and a label, its own and the common ones together; and how many of them
/// may be free text.
const MAX_ATTRIBUTES: usize = 10;
const MAX_FREE_TEXTS: usize = 5;

/// Where an attribute's name was used first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Frame,
    EveryLabel,
    Label(usize),
}

/// Checks the attributes of frames, of every label and of single labels.
pub(super) fn check(document: &Value, labels: &[Value], found: &mut Found) {
    let mut names = BTreeMap::new();
    let of_frames = list(document, "frameAttributes", "frameAttributes", found);
    let of_every_label = list(document, "categoryGlobalAttributes", "categoryGlobalAttributes", found);
    check_list(of_frames, "frameAttributes", Owner::Frame, &mut names, found);
    check_count(of_frames.iter(), "frameAttributes", found);
    check_list(of_every_label, "categoryGlobalAttributes", Owner::EveryLabel, &mut names, found);
    for (idx, label) in labels.iter().enumerate() {
        check_edits(label, &format!("labels[{idx}]"), found);
        // Linking points to pictures has the second spelling.
        for member in ["categoryAttributes", "attributes"] {
            let at = format!("labels[{idx}].{member}");
            let own = list(label, member, &at, found);
            check_list(own, &at, Owner::Label(idx), &mut names, found);
            if !own.is_empty() {
                check_count(own.iter().chain(of_every_label), &at, found);
            }
        }
    }
    if labels.is_empty() {
        check_count(of_every_label.iter(), "categoryGlobalAttributes", found);
    }
}

fn list<'a>(holder: &'a Value, member: &str, at: &str, found: &mut Found) -> &'a [Value] {
    match holder.get(member) {
        None => &[],
        Some(Value::Array(attributes)) => attributes,
        Some(_) => {
            found.error(at, "must be a list", "write [{\"name\": \"…\", \"type\": \"string\"}, …]");
            &[]
        }
    }
}

fn check_count<'a>(attributes: impl Iterator<Item = &'a Value> + Clone, at: &str, found: &mut Found) {
    let n = attributes.clone().count();
    if n > MAX_ATTRIBUTES {
        let message = format!("makes {n} attributes, with those of every label");
        found.error(at, message, format!("keep at most {MAX_ATTRIBUTES}"));
    }
    let n_free_texts = attributes.filter(|attribute| is_free_text(attribute)).count();
    if n_free_texts > MAX_FREE_TEXTS {
        let message = format!("makes {n_free_texts} free texts, with those of every label");
        found.error(at, message, format!("keep at most {MAX_FREE_TEXTS}, give the others an enum"));
    }
}

fn is_free_text(attribute: &Value) -> bool {
    attribute["type"] == "string" && attribute.get("enum").is_none()
}

fn check_list<'a>(
    attributes: &'a [Value],
    at: &str,
    owner: Owner,
    names: &mut BTreeMap<&'a str, Owner>,
    found: &mut Found,
) {
    for (idx, attribute) in attributes.iter().enumerate() {
        let at = format!("{at}[{idx}]");
        match attribute["name"].as_str() {
            Some(name) if is_length(name, 1, MAX_NAME) => check_name(name, &at, owner, names, found),
            _ => found.error(
                &format!("{at}.name"),
                format!("must be a text of 1 to {MAX_NAME} characters"),
                "name the attribute",
            ),
        }
        let description = attribute.get("description");
        if description.is_none() && owner == Owner::Frame {
            found.error(&format!("{at}.description"), "is missing", "say what workers shall fill in");
        } else if description.is_some_and(|text| !text.as_str().is_some_and(|text| is_length(text, 0, MAX_DESCRIPTION)))
        {
            let message = format!("must be a text of at most {MAX_DESCRIPTION} characters");
            found.error(&format!("{at}.description"), message, "shorten it");
        }
        if attribute.get("isRequired").is_some_and(|flag| !flag.is_boolean()) {
            found.error(&format!("{at}.isRequired"), "must be true or false", "write it without quotes");
        }
        check_edits(attribute, &at, found);
        check_values(attribute, &at, found);
    }
}

fn check_name<'a>(name: &'a str, at: &str, owner: Owner, names: &mut BTreeMap<&'a str, Owner>, found: &mut Found) {
    let Some(earlier) = names.insert(name, owner) else { return };
    let at = format!("{at}.name");
    match (earlier, owner) {
        // Each label shows its own, so this may go well; the guide asks for other names all the same.
        (Owner::Label(earlier), Owner::Label(label)) if earlier != label => {
            found.warning(&at, format!("is `{name}`, as an attribute of labels[{earlier}]"), GIVE_NAMES);
        }
        _ => found.error(&at, format!("is `{name}`, as that of another attribute"), GIVE_NAMES),
    }
}

const GIVE_NAMES: &str = "give each attribute a name of its own";

fn check_edits(holder: &Value, at: &str, found: &mut Found) {
    if holder.get("editsAllowed").is_some_and(|edits| edits != "any" && edits != "none") {
        found.error(&format!("{at}.editsAllowed"), "is neither any nor none", "write one of them, in quotes");
    }
}

/// What an attribute's values may be.
fn check_values(attribute: &Value, at: &str, found: &mut Found) {
    let bounds = ["minimum", "maximum"];
    match attribute["type"].as_str() {
        Some("string") => {
            for bound in bounds.iter().filter(|bound| attribute.get(**bound).is_some()) {
                found.error(&format!("{at}.{bound}"), "is for numbers", "drop it, or make the type number");
            }
            let choices = attribute.get("enum");
            let fits = |choices: &Vec<Value>| {
                let is_short = |choice: &Value| choice.as_str().is_some_and(|text| is_length(text, 1, MAX_NAME));
                (1..=MAX_CHOICES).contains(&choices.len()) && choices.iter().all(is_short)
            };
            if choices.is_some_and(|choices| !choices.as_array().is_some_and(fits)) {
                let message = format!("must list 1 to {MAX_CHOICES} texts of 1 to {MAX_NAME} characters");
                found.error(&format!("{at}.enum"), message, "drop it for free text");
            }
        }
        Some("number") => {
            if attribute.get("enum").is_some() {
                found.error(&format!("{at}.enum"), "is for texts", "drop it, or make the type string");
            }
            for bound in bounds {
                match attribute.get(bound) {
                    // By the guide's table they must be there; its own examples have none.
                    None => found.warning(&format!("{at}.{bound}"), "is missing", "give both bounds of the number"),
                    Some(value) if value.as_i64().is_none() => {
                        found.error(&format!("{at}.{bound}"), "must be a whole number", "round it");
                    }
                    Some(_) => {}
                }
            }
            if let (Some(minimum), Some(maximum)) = (attribute["minimum"].as_i64(), attribute["maximum"].as_i64())
                && minimum > maximum
            {
                found.error(&format!("{at}.minimum"), "is above maximum", "exchange them");
            }
        }
        _ => found.error(&format!("{at}.type"), "is neither string nor number", "write one of them, in quotes"),
    }
}

fn is_length(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.chars().count())
}
