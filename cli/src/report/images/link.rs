//! Addresses that a page may load.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a path segment as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Https, or a file of this computer. `file://host/…`, `//host/…` and `\\host\…` would make a browser on Windows log in at
/// whatever host a manifest names.
pub(super) fn address(uri: &str) -> Option<String> {
    if uri.starts_with("https://") {
        return origin(uri).map(|_| uri.to_owned());
    }
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    let has_scheme = path.split('/').next().is_some_and(|first| first.contains(':'));
    let is_path = !has_scheme && !path.contains(['\\', '\0']) && !path.starts_with("//") && !path.is_empty();
    let is_local = path.starts_with('/') || path == uri;
    (is_path && is_local).then(|| {
        let path = path.split('/').map(encoded).collect::<Vec<_>>().join("/");
        if path.starts_with('/') { format!("file://{path}") } else { path }
    })
}

/// Scheme, host and port of an address in the network, where they can stand in a policy.
pub(super) fn origin(address: &str) -> Option<&str> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| address.starts_with(scheme))?;
    let host = address[scheme.len()..].split(['/', '?', '#']).next()?;
    let is_plain = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:_".contains(&byte));
    is_plain.then(|| &address[..scheme.len() + host.len()])
}

/// A path segment as a part of an address.
pub(super) fn encoded(segment: &str) -> String {
    utf8_percent_encode(segment, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_local_files_are_linked() {
        let check = |uri: &str, expected: Option<&str>| assert_eq!(address(uri).as_deref(), expected, "{uri}");
        check("https://example.com/a.png?x=1", Some("https://example.com/a.png?x=1"));
        check("images/a b.png", Some("images/a%20b.png"));
        check("images/07:08.png", Some("images/07%3A08.png"));
        check("/data/a.png", Some("file:///data/a.png"));
        check("file:///data/a.png", Some("file:///data/a.png"));
        for refused in [
            "s3://bucket/a.png",
            "http://example.com/a.png",
            "https://example.com;script-src */a.png",
            "https://ana@example.com/a.png",
            "https:///a.png",
            "javascript:alert(1)",
            "data:text/html,x",
            "//host/a.png",
            "file://host/a.png",
            r"\\host\a.png",
            "",
        ] {
            check(refused, None);
        }
    }

    #[test]
    fn an_origin_is_what_a_policy_can_name() {
        let check = |address: &str, expected: Option<&str>| assert_eq!(origin(address), expected, "{address}");
        check("https://b.s3.amazonaws.com/a.png?x=1", Some("https://b.s3.amazonaws.com"));
        check("http://127.0.0.1:9000/b/a.png", Some("http://127.0.0.1:9000"));
        check("https://example.com?a", Some("https://example.com"));
        check("https://a b/c.png", None);
        check("images/a.png", None);
        check("data:image/png;base64,cG5n", None);
    }
}
