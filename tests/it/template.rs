//! `template.yaml`, `samconfig.toml`, the folders of `functions/` and their `config.rs` tell one story.
//!
//! `sam validate` and its lint see neither a misspelt runtime nor a variable that the code does not read. The template
//! writes intrinsic functions in their long form, so that here they are ordinary members (`Ref`, `Fn::Sub`, …).

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn every_folder_of_functions_has_one_function_resource() {
    let mut binaries: Vec<String> = functions().into_iter().map(|function| function.binary).collect();
    binaries.sort();
    assert_eq!(
        binaries,
        folders_of_functions(),
        "each folder of functions/ needs one AWS::Serverless::Function in template.yaml whose \
         Metadata.BuildProperties.Binary is the folder's name, and the other way round"
    );
}

#[test]
fn binaries_are_named_after_their_folders() {
    for folder in folders_of_functions() {
        let manifest = manifest(&format!("functions/{folder}/Cargo.toml"));
        assert_eq!(manifest["package"]["name"].as_str(), Some(&*folder), "package of functions/{folder}");
        let binaries = manifest["bin"].as_array().expect("a function has a [[bin]] table");
        let names: Vec<_> = binaries.iter().filter_map(|binary| binary["name"].as_str()).collect();
        assert_eq!(names, [&*folder], "functions/{folder} needs exactly one [[bin]], named after the folder");
    }
}

#[test]
fn runtime_architecture_and_handler_are_those_of_a_rust_function() {
    let template = template();
    let globals = &template["Globals"]["Function"];
    assert_eq!(text(&globals["Runtime"]), "provided.al2023");
    assert_eq!(globals["Architectures"], serde_json::json!(["arm64"]));
    assert_eq!(text(&globals["Handler"]), "bootstrap");
    assert_eq!(text(&globals["LoggingConfig"]["LogFormat"]), "JSON");
    for function in functions() {
        assert_eq!(text(&function.resource["Metadata"]["BuildMethod"]), "rust-cargolambda", "{}", function.name);
        for key in ["Runtime", "Architectures", "Handler"] {
            assert!(function.properties().get(key).is_none(), "{}: {key} belongs into Globals", function.name);
        }
    }
}

#[test]
fn environment_variables_are_the_constants_of_config_rs() {
    for function in functions() {
        let path = format!("functions/{}/src/config.rs", function.binary);
        let set: BTreeSet<String> = keys(&function.properties()["Environment"]["Variables"]);
        let mut read = BTreeSet::new();
        for (constant, variable) in string_constants(&read_file(&path)) {
            assert_eq!(constant, variable, "{path}: a variable and its constant share their name");
            read.insert(variable);
        }
        assert_eq!(set, read, "left: variables that template.yaml sets; right: `pub const` names in {path}");
    }
}

#[test]
fn outputs_name_both_functions() {
    let template = template();
    for (output, binary) in
        [("PreHumanTaskLambdaArn", "pre-human-task"), ("AnnotationConsolidationLambdaArn", "annotation-consolidation")]
    {
        let target = functions().into_iter().find(|function| function.binary == binary).expect("the function exists");
        let expected = serde_json::json!({ "Fn::GetAtt": [target.name, "Arn"] });
        assert_eq!(template["Outputs"][output]["Value"], expected, "output {output}");
    }
}

/// Lambda ends names at 64 characters; AWS's managed execution policy invokes only names with one of a few spellings.
#[test]
fn function_names_are_short_enough_and_may_be_invoked_by_the_managed_policy() {
    let template = template();
    let prefix_pattern = text(&template["Parameters"]["NamePrefix"]["AllowedPattern"]);
    let longest = prefix_pattern.rsplit_once(',').and_then(|(_, end)| end.strip_suffix("}$")).expect("ends in {1,n}$");
    let longest: usize = longest.parse().expect("the pattern bounds the length");
    for function in functions() {
        let name = text(&function.properties()["FunctionName"]["Fn::Sub"]);
        assert!(name.contains("SageMaker") && name.contains("LabelingFunction"), "{name} cannot be invoked");
        let length = name.replace("${NamePrefix}", &"x".repeat(longest)).len();
        assert!(length <= 64, "{name} can get {length} characters: shorten the pattern of NamePrefix");
    }
}

#[test]
fn every_reference_has_a_target_and_every_parameter_a_use() {
    let template = template();
    let parameters = keys(&template["Parameters"]);
    let resources = keys(&template["Resources"]);
    let conditions = keys(&template["Conditions"]);
    let mut used = References::default();
    for section in ["Rules", "Conditions", "Globals", "Resources", "Outputs"] {
        used.collect(&template[section]);
    }
    let known = &parameters | &resources;
    let unknown: Vec<_> = used.values.difference(&known).filter(|name| !name.starts_with("AWS::")).collect();
    assert!(unknown.is_empty(), "template.yaml refers to neither parameter nor resource: {unknown:?}");
    let unused: Vec<_> = parameters.difference(&used.values).collect();
    assert!(unused.is_empty(), "use these parameters of template.yaml or remove them: {unused:?}");
    assert_eq!(used.conditions, conditions, "left: conditions used in template.yaml; right: conditions declared");
}

#[test]
fn every_parameter_is_described_labeled_and_in_one_group() {
    let template = template();
    let parameters = keys(&template["Parameters"]);
    let interface = &template["Metadata"]["AWS::CloudFormation::Interface"];
    assert_eq!(keys(&interface["ParameterLabels"]), parameters, "left: labels; right: parameters of template.yaml");
    let groups = interface["ParameterGroups"].as_array().expect("groups are a list");
    let mut grouped: Vec<&str> =
        groups.iter().flat_map(|group| group["Parameters"].as_array().expect("a list").iter().map(text)).collect();
    grouped.sort_unstable();
    assert!(grouped.iter().eq(&parameters), "left: grouped {grouped:?}; right: declared {parameters:?}");
    for (name, parameter) in members(&template["Parameters"]) {
        assert!(parameter["Description"].is_string(), "parameter {name} needs a Description");
    }
}

#[test]
fn samconfig_sets_known_parameters_and_all_that_have_no_default() {
    let samconfig = manifest("samconfig.toml");
    let overrides = samconfig["default"]["deploy"]["parameters"]["parameter_overrides"].as_str().expect("a string");
    let overridden: BTreeSet<String> = overrides
        .split_whitespace()
        .map(|pair| pair.split_once('=').unwrap_or_else(|| panic!("`{pair}` is not Name=value")).0.to_owned())
        .collect();
    let template = template();
    let declared = keys(&template["Parameters"]);
    let unknown: Vec<_> = overridden.difference(&declared).collect();
    assert!(unknown.is_empty(), "samconfig.toml overrides parameters that template.yaml does not have: {unknown:?}");
    for (name, parameter) in members(&template["Parameters"]) {
        let given = parameter.get("Default").is_some() || overridden.contains(name);
        assert!(given, "parameter {name} has no default: give samconfig.toml an example value");
    }
}

/// With it, `sam validate` would always lint and never look for what only its plain mode finds.
#[test]
fn samconfig_leaves_lint_to_the_command_line() {
    let samconfig = manifest("samconfig.toml");
    let validate = samconfig["default"].get("validate").and_then(|command| command["parameters"].get("lint"));
    assert!(validate.is_none(), "remove lint from samconfig.toml: .ci/run validates in both modes");
}

#[test]
fn policies_name_their_actions_and_resources() {
    let template = template();
    let statements = statements(&template["Resources"]);
    assert!(statements.len() > functions().len(), "the policies were not found");
    for statement in statements {
        let shown = statement.get("Sid").unwrap_or(statement);
        for action in strings(&statement["Action"]) {
            assert!(!action.contains('*'), "{shown}: name each action instead of {action}");
        }
        for resource in strings(statement.get("Resource").unwrap_or(&Value::Null)) {
            assert!(!resource.starts_with('*'), "{shown}: name the resource instead of {resource}");
        }
    }
}

#[test]
fn each_function_has_a_role_of_its_own() {
    let template = template();
    let mut roles = BTreeSet::new();
    for function in functions() {
        let role = text(&function.properties()["Role"]["Fn::GetAtt"][0]);
        assert_eq!(text(&template["Resources"][role]["Type"]), "AWS::IAM::Role", "role of {}", function.name);
        assert!(roles.insert(role.to_owned()), "{} shares the role {role}", function.name);
    }
}

#[test]
fn each_function_logs_into_its_own_group_with_retention() {
    let template = template();
    for function in functions() {
        let group = &template["Resources"][text(&function.properties()["LoggingConfig"]["LogGroup"]["Ref"])];
        assert_eq!(text(&group["Type"]), "AWS::Logs::LogGroup", "log group of {}", function.name);
        let expected = format!("/aws/lambda/{}", text(&function.properties()["FunctionName"]["Fn::Sub"]));
        assert_eq!(text(&group["Properties"]["LogGroupName"]["Fn::Sub"]), expected, "named as Lambda itself would");
        assert!(group["Properties"].get("RetentionInDays").is_some(), "{} would keep its log forever", function.name);
    }
}

/// `cargo lambda deploy` reads the manifests, `sam deploy` the template.
#[test]
fn memory_and_timeout_are_the_same_for_both_ways_to_deploy() {
    let template = template();
    for function in functions() {
        let manifest = manifest(&format!("functions/{}/Cargo.toml", function.binary));
        let deploy = &manifest["package"]["metadata"]["lambda"]["deploy"];
        for (property, key) in [("MemorySize", "memory"), ("Timeout", "timeout")] {
            let value = &function.properties()[property];
            let value = match value.get("Ref") {
                Some(parameter) => &template["Parameters"][text(parameter)]["Default"],
                None => value,
            };
            assert_eq!(value.as_i64(), deploy[key].as_integer(), "{}: {property} in template.yaml", function.name);
        }
    }
}

#[test]
fn the_published_application_has_the_version_of_the_workspace() {
    let template = template();
    let application = &template["Metadata"]["AWS::ServerlessRepo::Application"];
    let workspace = &manifest("Cargo.toml")["workspace"]["package"];
    assert_eq!(Some(text(&application["SemanticVersion"])), workspace["version"].as_str());
    assert_eq!(Some(text(&application["SpdxLicenseId"])), workspace["license"].as_str());
    for file in [text(&application["LicenseUrl"]), text(&application["ReadmeUrl"])] {
        read_file(file);
    }
}

struct Function {
    name: String,
    binary: String,
    resource: Value,
}

impl Function {
    fn properties(&self) -> &Value {
        &self.resource["Properties"]
    }
}

fn functions() -> Vec<Function> {
    members(&template()["Resources"])
        .filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function")
        .map(|(name, resource)| Function {
            name: name.clone(),
            binary: text(&resource["Metadata"]["BuildProperties"]["Binary"]).to_owned(),
            resource: resource.clone(),
        })
        .collect()
}

fn folders_of_functions() -> Vec<String> {
    let entries = fs::read_dir(format!("{ROOT}/functions")).expect("functions/ can be listed");
    let mut folders: Vec<String> = entries
        .map(|entry| entry.expect("an entry of functions/").file_name().into_string().expect("a UTF-8 name"))
        .collect();
    folders.sort();
    folders
}

/// Names behind `Ref`, `Fn::GetAtt` and the placeholders of `Fn::Sub`, and conditions behind `Fn::If`.
#[derive(Default)]
struct References {
    values: BTreeSet<String>,
    conditions: BTreeSet<String>,
}

impl References {
    fn collect(&mut self, value: &Value) {
        match value {
            Value::Array(elements) => elements.iter().for_each(|element| self.collect(element)),
            Value::Object(object) => {
                for (key, argument) in object {
                    match key.as_str() {
                        "Ref" => self.insert(text(argument)),
                        "Fn::GetAtt" => self.insert(text(&argument[0])),
                        "Fn::If" => {
                            self.conditions.insert(text(&argument[0]).to_owned());
                        }
                        "Fn::Sub" => self.collect_placeholders(argument),
                        _ => {}
                    }
                    self.collect(argument);
                }
            }
            _ => {}
        }
    }

    /// The argument of `Fn::Sub` is a text, or a list of a text and of variables which hold in that text alone.
    fn collect_placeholders(&mut self, argument: &Value) {
        let (pattern, variables) = match argument {
            Value::Array(pair) => (text(&pair[0]), keys(&pair[1])),
            pattern => (text(pattern), BTreeSet::new()),
        };
        for rest in pattern.split("${").skip(1) {
            let (name, _) = rest.split_once('}').unwrap_or_else(|| panic!("unclosed placeholder in {pattern}"));
            if !variables.contains(name) {
                self.insert(name);
            }
        }
    }

    fn insert(&mut self, name: &str) {
        self.values.insert(name.to_owned());
    }
}

/// All policy statements below a value: the objects with an `Effect`.
fn statements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(object) if object.contains_key("Effect") => vec![value],
        Value::Object(object) => object.values().flat_map(statements).collect(),
        Value::Array(elements) => elements.iter().flat_map(statements).collect(),
        _ => Vec::new(),
    }
}

/// All texts below a value, in whatever list or intrinsic function they stand.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(string) => vec![string],
        Value::Array(elements) => elements.iter().flat_map(strings).collect(),
        Value::Object(object) => object.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// Names and values of the lines `pub const NAME: &str = "value";`.
fn string_constants(source: &str) -> Vec<(String, String)> {
    source
        .lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("pub const ")?.split_once(": &str = \"")?;
            Some((name.to_owned(), value.strip_suffix("\";")?.to_owned()))
        })
        .collect()
}

fn template() -> Value {
    serde_saphyr::from_str(&read_file("template.yaml")).expect("template.yaml is YAML")
}

fn manifest(path: &str) -> toml::Value {
    toml::from_str(&read_file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read_file(path: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().unwrap_or_else(|| panic!("expected a mapping in template.yaml, found {value}")).iter()
}

fn keys(value: &Value) -> BTreeSet<String> {
    members(value).map(|(key, _)| key.clone()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("expected a text in template.yaml, found {value}"))
}
