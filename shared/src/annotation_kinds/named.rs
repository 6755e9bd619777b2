//! Choices that have names in configuration, such as methods: the names, and the way there and back.

use crate::document::must_be_one_of;

/// A text that is not the name of any choice. Its message lists the names, and tells the one that was probably meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{given}`: {}", must_be_one_of(.names, Some(.given)))]
pub struct UnknownName {
    pub(super) what: &'static str,
    pub(super) given: String,
    pub(super) names: &'static [&'static str],
}

/// Gives an enum names: `Method, "method": Auto = "auto", MajorityVote = "majority-vote"`. The first variant is the
/// default, and may have a second name where kinds call it differently.
macro_rules! named {
    ($choice:ident, $what:literal: $($variant:ident = $name:literal $(| $other:literal)?),+ $(,)?) => {
        impl $choice {
            #[doc = concat!("Every ", $what, ", the default first.")]
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            #[doc = concat!("Every name of a ", $what, ", the default's first.")]
            pub const NAMES: &'static [&'static str] = &[$($name $(, $other)?),+];

            /// By their names, as configuration is read.
            pub(crate) const BY_NAME: &'static [(&'static str, Self)] =
                &[$(($name, Self::$variant) $(, ($other, Self::$variant))?),+];

            /// The name in configuration.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        impl std::fmt::Display for $choice {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $choice {
            type Err = $crate::annotation_kinds::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let choice = Self::BY_NAME.iter().find(|(name, _)| *name == text);
                choice.map(|(_, choice)| *choice).ok_or_else(|| $crate::annotation_kinds::UnknownName {
                    what: $what,
                    given: text.to_owned(),
                    names: Self::NAMES,
                })
            }
        }
    };
}
pub(crate) use named;

#[cfg(test)]
mod tests {
    use crate::annotation_kinds::{categorical, marks};

    #[test]
    fn names_lead_there_and_back() {
        for method in categorical::Method::ALL {
            assert_eq!(method.to_string().parse(), Ok(*method));
        }
        assert_eq!(
            ["plain-clusters", "iou-clusters"].map(str::parse),
            [Ok(marks::Method::Plain), Ok(marks::Method::Plain)]
        );
    }

    #[test]
    fn an_unknown_name_tells_the_known_ones() {
        let check = |given: &str, expected: &str| {
            assert_eq!(given.parse::<marks::Method>().map_err(|error| error.to_string()), Err(expected.to_owned()));
        };
        check(
            "weighted-cluster",
            "unknown method `weighted-cluster`: must be `weighted-clusters`, `plain-clusters` or `iou-clusters`; \
             did you mean `weighted-clusters`?",
        );
        check("vote", "unknown method `vote`: must be `weighted-clusters`, `plain-clusters` or `iou-clusters`");
    }
}
