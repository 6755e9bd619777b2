//! Amazon Resource Names, split.

/// `arn:partition:service:region:account:resource`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, …
    pub partition: &'a str,
    /// `lambda`, `iam`, …
    pub service: &'a str,
    /// Empty for services without regions, such as IAM.
    pub region: &'a str,
    /// The account id, of twelve digits; empty in ARNs of S3.
    pub account: &'a str,
    /// The rest, colons and slashes included.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits an ARN; `None` when it has fewer than six parts.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let mut next = || parts.next();
        Some(Self { partition: next()?, service: next()?, region: next()?, account: next()?, resource: next()? })
    }

    /// The name of a Lambda function, without its version or alias.
    pub fn function_name(&self) -> Option<&'a str> {
        self.resource.strip_prefix("function:")?.split(':').next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_split_at_its_first_five_colons() {
        let arn = Arn::parse("arn:aws-cn:lambda:cn-north-1:111122223333:function:tags:live").expect("an ARN");
        assert_eq!((arn.partition, arn.service, arn.region), ("aws-cn", "lambda", "cn-north-1"));
        assert_eq!((arn.account, arn.resource), ("111122223333", "function:tags:live"));
        assert_eq!(arn.function_name(), Some("tags"));
        assert_eq!(Arn::parse("arn:aws:iam::111122223333:role/r").expect("an ARN").function_name(), None);
        assert_eq!(Arn::parse("arn:aws:iam::111122223333"), None);
        assert_eq!(Arn::parse("urn:a:b:c:d:e"), None);
    }
}
