//! Rules about a line as text and as JSON, whatever its members mean.

use super::{Expectations, Found, ManifestLine, grouped};
use crate::files::json_lines::Fault;

/// The most characters of a line; another page of the guide says 100 kB.
const MAX_LINE: u64 = 100_000;

/// The most characters of one attribute. Whether the guide means names, too, it does not say.
const MAX_VALUE: u64 = 20_000;

/// What every whole number up to it survives in a reader that knows only floating-point numbers.
const MAX_EXACT_DIGITS: usize = 15;

const REPAIR: &str = "`gtruth manifest repair` does it";

pub(super) fn m1_one_json_object(line: &ManifestLine<'_>, _: &Expectations, found: &mut Found<'_>) {
    let Some(fault) = line.fault() else { return };
    match fault {
        Fault::NotUtf8 { .. } if line.raw.number == 1 && is_utf16(line.raw.bytes) => found.error(
            "",
            || "the file is UTF-16, and must be UTF-8".to_owned(),
            "save it as UTF-8, or run `iconv -f UTF-16 -t UTF-8`",
        ),
        Fault::NotJson { what, .. } if what.starts_with("EOF") => found.error(
            "",
            || fault.to_string(),
            "put the whole object on one line, with line breaks in texts as \\n; `gtruth manifest repair` does it",
        ),
        Fault::NotUtf8 { .. } | Fault::NotJson { .. } | Fault::TooDeep => {
            found.error("", || fault.to_string(), fault.remedy());
        }
        // What can be read, but not by everybody alike, is M8's.
        Fault::Empty
        | Fault::ByteOrderMark
        | Fault::NotANumber { .. }
        | Fault::NotAnObject
        | Fault::DoubleMember { .. } => {}
    }
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

pub(super) fn m2_line_length(line: &ManifestLine<'_>, _: &Expectations, found: &mut Found<'_>) {
    let n_bytes = line.raw.n_bytes;
    if n_bytes <= MAX_LINE {
        return;
    }
    if line.raw.is_cut() {
        return found.error("", || format!("the line has {} bytes", grouped(n_bytes)), SHORTEN_LINE);
    }
    let Some(text) = line.text else { return };
    let n_characters = text.chars().count() as u64;
    if n_characters > MAX_LINE {
        found.error("", || format!("the line has {} characters", grouped(n_characters)), SHORTEN_LINE);
    } else {
        found.warning(
            "",
            || {
                format!(
                    "the line has {} bytes; 100,000 characters are allowed on one page of the guide, 100 kB on another",
                    grouped(n_bytes)
                )
            },
            SHORTEN_LINE,
        );
    }
}

const SHORTEN_LINE: &str = "stay within 100,000 characters: put large parts into S3 and name them";

pub(super) fn m3_value_length(line: &ManifestLine<'_>, _: &Expectations, found: &mut Found<'_>) {
    for member in line.members().iter().flat_map(|object| &object.members) {
        if member.value.len() as u64 > MAX_VALUE {
            let n_characters = member.value.chars().count() as u64;
            if n_characters > MAX_VALUE {
                let message = || format!("has {} characters", grouped(n_characters));
                found.error(&member.name, message, "stay within 20,000 characters: put it into S3 and name it");
            }
        }
    }
}

pub(super) fn m4_dollar_names(line: &ManifestLine<'_>, _: &Expectations, found: &mut Found<'_>) {
    for member in line.members().iter().flat_map(|object| &object.members) {
        if member.name.starts_with('$') {
            let message = || "starts with `$`, which only the output of streaming jobs may".to_owned();
            found.error(&member.name, message, "drop the member; `gtruth manifest repair` does it");
        }
    }
}

/// AWS documents none of these, and readers of JSON disagree about each.
pub(super) fn m8_read_alike(line: &ManifestLine<'_>, _: &Expectations, found: &mut Found<'_>) {
    if line.has_byte_order_mark {
        let message = || Fault::ByteOrderMark.to_string();
        found.error("", message, "save the file as UTF-8 without one; `gtruth manifest repair` does it");
    }
    let doubled = line.members().and_then(|object| object.double_member().err());
    let Some(fault) = line.fault().or(doubled.as_ref()) else { return };
    match fault {
        Fault::NotAnObject if line.text.is_some_and(|text| text.trim_start().starts_with('[')) => found.error(
            "",
            || "the line starts a JSON list, and not an object".to_owned(),
            "put each object on a line of its own, without commas between; `gtruth manifest repair` does it",
        ),
        Fault::Empty | Fault::DoubleMember { .. } => {
            found.error("", || fault.to_string(), &format!("{}; {REPAIR}", fault.remedy()));
        }
        Fault::NotANumber { .. } | Fault::NotAnObject | Fault::TooDeep => {
            found.error("", || fault.to_string(), fault.remedy());
        }
        Fault::ByteOrderMark | Fault::NotUtf8 { .. } | Fault::NotJson { .. } => {}
    }
}

/// The service may well count as Java does, where a character beyond the first 65,536 counts twice.
pub(super) fn m15_utf16_length(line: &ManifestLine<'_>, _: &Expectations, found: &mut Found<'_>) {
    let mut check = |member: &str, text: &str, max: u64, remedy| {
        if text.len() as u64 <= max {
            return;
        }
        let n_units = text.encode_utf16().count() as u64;
        if n_units > max && text.chars().count() as u64 <= max {
            let message = || {
                let subject = if member.is_empty() { "the line has" } else { "has" };
                format!("{subject} {} characters as Java counts them (UTF-16)", grouped(n_units))
            };
            found.warning(member, message, remedy);
        }
    };
    if let Some(text) = line.text.filter(|_| !line.raw.is_cut()) {
        check("", text, MAX_LINE, SHORTEN_LINE);
    }
    for member in line.members().iter().flat_map(|object| &object.members) {
        check(&member.name, member.value, MAX_VALUE, "stay within 20,000 of them");
    }
}

/// Ground Truth and our functions keep the digits; whoever else reads the output may not.
pub(super) fn m18_exact_numbers(line: &ManifestLine<'_>, _: &Expectations, found: &mut Found<'_>) {
    for member in line.members().iter().flat_map(|object| &object.members) {
        if n_digits(member.value) > MAX_EXACT_DIGITS {
            let message = || "has more digits than many readers of JSON keep".to_owned();
            found.info(&member.name, message, "write it as a text if every digit counts");
        }
    }
}

/// How many digits a number has that count; 0 where the value is none.
fn n_digits(value: &str) -> usize {
    if value.len() <= MAX_EXACT_DIGITS || !value.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return 0;
    }
    let mantissa = value.split(['e', 'E']).next().unwrap_or(value);
    let mantissa = mantissa.trim_start_matches(['-', '0', '.']);
    let mantissa = if value.contains('.') { mantissa.trim_end_matches('0') } else { mantissa };
    mantissa.bytes().filter(u8::is_ascii_digit).count()
}
