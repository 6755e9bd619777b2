//! Members that are taken out of an object, and nothing else of it touched.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;
use serde_json::value::RawValue;

use super::log::Repair;
use crate::files::json_lines::RawObject;
use crate::manifest::rules::is_failure;

/// An object's text without the members that should go: all but the last of those that stand twice, at any depth;
/// those named `$…`; and, where the next label attribute is known, the metadata of failures under other names.
pub(super) fn mend<'t>(
    text: &'t str,
    object: &RawObject<'_>,
    label_attribute: Option<&str>,
    mut did: impl FnMut(Repair),
) -> Cow<'t, str> {
    let mut cuts = Vec::new();
    let drops = |idx: usize| {
        let name = &*object.members[idx].name;
        if name.starts_with('$') {
            return Some(Repair::DollarName);
        }
        let failed = || is_failure_of_another_job(object, idx, label_attribute);
        is_doubled(object, idx).or_else(|| failed().then_some(Repair::FailureMetadata))
    };
    cut(text, text, object, &drops, &mut cuts, &mut did);
    if cuts.is_empty() {
        return Cow::Borrowed(text);
    }
    cuts.sort_by_key(|range| range.start);
    let (mut mended, mut end) = (String::with_capacity(text.len()), 0);
    for range in cuts {
        mended.push_str(&text[end..range.start]);
        end = range.end;
    }
    mended.push_str(&text[end..]);
    Cow::Owned(mended)
}

fn is_doubled(object: &RawObject<'_>, idx: usize) -> Option<Repair> {
    let name = &object.members[idx].name;
    object.members[idx + 1..].iter().any(|later| later.name == *name).then_some(Repair::DoubleMember)
}

fn is_failure_of_another_job(object: &RawObject<'_>, idx: usize, label_attribute: Option<&str>) -> bool {
    let member = &object.members[idx];
    let Some(label) = member.name.strip_suffix("-metadata") else { return false };
    label_attribute.is_some_and(|next| next != label)
        && object.value(label).is_none()
        && serde_json::from_str::<Value>(member.value).is_ok_and(|metadata| is_failure(&metadata))
}

/// Gathers what to cut out of `text`, of which `object_text` is the part that holds the object.
fn cut(
    text: &str,
    object_text: &str,
    object: &RawObject<'_>,
    drops: &dyn Fn(usize) -> Option<Repair>,
    cuts: &mut Vec<Range<usize>>,
    did: &mut dyn FnMut(Repair),
) {
    let open = offset(text, object_text) + 1;
    let (mut end_of_previous, mut keeps_one) = (open, false);
    for (idx, member) in object.members.iter().enumerate() {
        let end = offset(text, member.value) + member.value.len();
        if let Some(repair) = drops(idx) {
            did(repair);
            if keeps_one {
                // From the comma before the member to its end.
                cuts.push(end_of_previous..end);
            } else {
                // There is no comma before it, so the one behind goes, with the blanks around.
                let comma = text[end..].find(',').filter(|_| idx + 1 < object.members.len());
                cuts.push(end_of_previous..comma.map_or(end, |comma| end + comma + 1));
                end_of_previous = comma.map_or(end, |comma| end + comma + 1);
                continue;
            }
        } else {
            keeps_one = true;
            cut_inside(text, member.value, cuts, did);
        }
        end_of_previous = end;
    }
}

/// The same for objects inside a value, where only doubles are cut.
fn cut_inside(text: &str, value: &str, cuts: &mut Vec<Range<usize>>, did: &mut dyn FnMut(Repair)) {
    if value.starts_with('{') {
        let Ok(object) = RawObject::read(value) else { return };
        cut(text, value, &object, &|idx| is_doubled(&object, idx), cuts, did);
    } else if value.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(value).unwrap_or_default();
        for item in items {
            cut_inside(text, item.get(), cuts, did);
        }
    }
}

/// Where a part of `text` starts in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, label_attribute: Option<&str>, expected: &str, repairs: &[Repair]) {
        let object = RawObject::read(text).expect("an object");
        let mut done = Vec::new();
        assert_eq!(mend(text, &object, label_attribute, |repair| done.push(repair)), expected);
        assert_eq!(done, repairs);
    }

    #[test]
    fn the_last_of_a_name_stays_and_the_rest_is_untouched() {
        use Repair::DoubleMember;
        check(r#"{ "a" : 1.40 , "b":2 }"#, None, r#"{ "a" : 1.40 , "b":2 }"#, &[]);
        check(r#"{"a":1,"b" : 2 ,"a":3}"#, None, r#"{"b" : 2 ,"a":3}"#, &[DoubleMember]);
        check(r#"{"b":0 , "a":1, "c":2,"a":3}"#, None, r#"{"b":0, "c":2,"a":3}"#, &[DoubleMember]);
        check(r#"{"a":1,"a":2,"a":3}"#, None, r#"{"a":3}"#, &[DoubleMember, DoubleMember]);
        check(r#"{"a":"x,","a":"y"}"#, None, r#"{"a":"y"}"#, &[DoubleMember]);
        check(
            r#"{"s":{"x":1,"x":2},"l":[0,{"y":[{"z":1,"w":0,"z":2}]}]}"#,
            None,
            r#"{"s":{"x":2},"l":[0,{"y":[{"w":0,"z":2}]}]}"#,
            &[DoubleMember, DoubleMember],
        );
    }

    #[test]
    fn what_jobs_left_behind_goes() {
        let line = r#"{"source":"x","$label-object-id":"7","$sequencer":"9"}"#;
        check(line, None, r#"{"source":"x"}"#, &[Repair::DollarName, Repair::DollarName]);
        check(r#"{"$a":1}"#, None, "{}", &[Repair::DollarName]);
        check(r#"{"$a":1,"source":"x"}"#, None, r#"{"source":"x"}"#, &[Repair::DollarName]);
        check(r#"{"s":{"$inside":1}}"#, None, r#"{"s":{"$inside":1}}"#, &[]);

        let failed = r#"{"source":"x","old-metadata":{"retry-count":1,"failure-reason":"ClientError"}}"#;
        check(failed, None, failed, &[]);
        check(failed, Some("old"), failed, &[]);
        check(failed, Some("new"), r#"{"source":"x"}"#, &[Repair::FailureMetadata]);
        let labeled = r#"{"source":"x","old":0,"old-metadata":{"failure-reason":"?"}}"#;
        check(labeled, Some("new"), labeled, &[]);
        let own = r#"{"source":"x","old-metadata":{"type":"groundtruth/custom"}}"#;
        check(own, Some("new"), own, &[]);
    }
}
