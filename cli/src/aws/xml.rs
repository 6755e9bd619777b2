//! The answers of the services that still speak XML, as a tree.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// An element: its text, and its children.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads a whole document; `None` for what is not valid XML.
    pub(super) fn parse(document: &str) -> Option<Self> {
        let mut reader = Reader::from_str(document);
        // The path from an element above the root to the one being read.
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    let name = str::from_utf8(start.local_name().into_inner()).ok()?.to_owned();
                    open.push(Self { name, ..Self::default() });
                }
                Event::Empty(empty) => {
                    let name = str::from_utf8(empty.local_name().into_inner()).ok()?.to_owned();
                    open.last_mut()?.children.push(Self { name, ..Self::default() });
                }
                Event::End(_) => {
                    let element = open.pop()?;
                    open.last_mut()?.children.push(element);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text.xml_content(XmlVersion::Explicit1_0).ok()?),
                Event::CData(data) => open.last_mut()?.text.push_str(&data.decode().ok()?),
                Event::GeneralRef(reference) => {
                    let text = &mut open.last_mut()?.text;
                    match reference.resolve_char_ref().ok()? {
                        Some(char) => text.push(char),
                        None => text.push_str(resolve_predefined_entity(&reference.decode().ok()?)?),
                    }
                }
                Event::Eof => break,
                Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
            }
        }
        open.pop()?.children.pop().filter(|_| open.is_empty())
    }

    /// The children of this name, in order.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at a path of names, each the first of its kind.
    pub(super) fn get(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.children.iter().find(|child| child.name == *name))
    }

    /// The text of the element at a path.
    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        Some(self.get(path)?.text.as_str())
    }

    /// The text of the first element of this name, wherever it stands.
    pub(super) fn first_text(&self, name: &str) -> Option<&str> {
        if self.name == name {
            return Some(&self.text);
        }
        self.children.iter().find_map(|child| child.first_text(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_tree_of_texts() {
        let xml =
            "<?xml version=\"1.0\"?><R xmlns=\"https://x/\"><L><m><k>a&amp;b</k><v/></m><m><k>&#99;</k></m></L></R>";
        let root = Element::parse(xml).expect("XML");
        let members: Vec<_> = root.get(&["L"]).expect("a list").all("m").map(|member| member.text(&["k"])).collect();
        assert_eq!(members, [Some("a&b"), Some("c")]);
        assert_eq!(root.text(&["L", "m", "v"]), Some(""));
        assert_eq!((root.text(&["L", "x"]), root.first_text("k")), (None, Some("a&b")));
    }

    #[test]
    fn what_is_no_xml_is_none() {
        for text in ["", "gone", "<a><b></a>", "<a>&nope;</a>", "<a>"] {
            assert_eq!(Element::parse(text), None, "{text}");
        }
    }
}
