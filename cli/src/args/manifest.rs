//! `gtruth manifest …`.

use std::path::PathBuf;

use clap::{ArgGroup, Args as ClapArgs, Subcommand, ValueHint};

use super::ConnectionArgs;

/// What to do with manifests.
#[derive(Debug, Clone, Subcommand)]
#[expect(missing_docs, reason = "a doc here would replace the help that the arguments come with")]
pub enum ManifestCommand {
    Check(ManifestCheckArgs),
    Repair(ManifestRepairArgs),
    FromS3(ManifestFromS3Args),
    FromDir(ManifestFromDirArgs),
    FromCsv(ManifestFromCsvArgs),
}

/// Check a manifest, byte by byte, against every rule of the service
///
/// Reads the file as Ground Truth does and reports all problems at once: line, member, what to do. Then it prints what the
/// manifest holds: lines, members, sizes. Files of any size can be checked: the file is never held in memory as a whole.
///
/// What a line must hold depends on the job. Name its task type, or the job file.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
Exit code 1: a job with this manifest would fail, or some of its data objects would.

With --files, the data objects in that folder are checked too: the
size of images, the sequence files of video frames and point clouds.

Examples:
  gtruth manifest check survey.manifest
  gtruth manifest check survey.manifest --task-type bounding-box
  gtruth manifest check --job survey.yaml
  gtruth manifest check output.manifest --label-attribute survey
  gtruth manifest check frames.manifest --task-type video-object-tracking \\
      --files ./frames --uri s3://my-bucket/frames/
  aws s3 cp s3://my-bucket/survey.manifest - | gtruth manifest check -")]
pub struct ManifestCheckArgs {
    /// The manifest; `-` for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "job")]
    pub manifest: Option<PathBuf>,
    /// The task type of the job, as `bounding-box` or BoundingBox; `custom` for functions of your own
    #[arg(long, value_name = "NAME", conflicts_with = "job")]
    pub task_type: Option<String>,
    /// The job file, which gives the task type, the label attribute and, unless FILE is given, the manifest
    #[arg(long, value_name = "JOB.yaml", value_hint = ValueHint::FilePath)]
    pub job: Option<PathBuf>,
    /// The label attribute name of the job: lines that have it already are not labeled again
    #[arg(long, value_name = "NAME")]
    pub label_attribute: Option<String>,
    /// The earlier label that workers look at, for adjustment and verification
    #[arg(long, value_name = "NAME")]
    pub audit_label: Option<String>,
    /// A folder with the data objects, as they are or will be in S3
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, requires = "uri")]
    pub files: Option<PathBuf>,
    /// Where in S3 that folder is
    #[arg(long, value_name = "S3-URI", requires = "files")]
    pub uri: Option<String>,
    /// How many findings to print of each rule; the rest is counted
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub max_per_rule: usize,
}

/// Repair what can be repaired in a manifest without guessing
///
/// Removes byte order marks, empty lines, carriage returns and blanks at the ends of lines; writes objects that
/// stretch over several lines, or are items of one JSON list, on a line each; escapes line breaks inside texts; if a member
/// occurs twice, keeps the last, which is the one that most readers see; drops members named `$…`, which streaming
/// jobs leave behind. Everything else in a line stays byte for byte. Lines that cannot be repaired are kept and reported.
#[derive(Debug, Clone, ClapArgs)]
#[command(
    group = ArgGroup::new("target").args(["output", "in_place"]).required(true),
    after_long_help = "\
With --label-attribute, the metadata of objects that failed under another label attribute is
dropped as well, so that the next job labels them.

Exit code 1: some lines must be repaired by hand.

Examples:
  gtruth manifest repair survey.manifest -o mended.manifest
  gtruth manifest repair export.json -o survey.manifest
  gtruth manifest repair output.manifest -o next.manifest --label-attribute survey-2"
)]
pub struct ManifestRepairArgs {
    /// The manifest; `-` for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub manifest: PathBuf,
    /// Where to write the repaired manifest; `-` for standard output
    #[arg(long, short, value_name = "OUT", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Replace FILE itself
    #[arg(long)]
    pub in_place: bool,
    /// Replace OUT if it is there
    #[arg(long)]
    pub force: bool,
    /// The label attribute name of the next job
    #[arg(long, value_name = "NAME")]
    pub label_attribute: Option<String>,
}

/// Arguments of every command that makes a manifest.
#[derive(Debug, Clone, ClapArgs)]
pub struct NewManifestArgs {
    /// Where to write the manifest [default: standard output]
    #[arg(long, short, value_name = "OUT", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Replace OUT if it is there
    #[arg(long, requires = "output")]
    pub force: bool,
    /// A member for every line, with a text as its value
    #[arg(long = "set", value_name = "NAME=TEXT", value_parser = name_and_value)]
    pub set: Vec<(String, String)>,
    /// A member for every line, with any JSON as its value
    #[arg(long = "set-json", value_name = "NAME=JSON", value_parser = name_and_value)]
    pub set_json: Vec<(String, String)>,
    /// The task type of the job, to check the lines by, and to choose files by their names' endings
    #[arg(long, value_name = "NAME")]
    pub task_type: Option<String>,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as in river=Tamar".to_owned()),
    }
}

/// Which files become data objects.
#[derive(Debug, Clone, ClapArgs)]
pub struct ChosenFilesArgs {
    /// Only files with one of these endings, without the dot, in upper or lower case [default: by --task-type, else all]
    #[arg(long, value_name = "EXT,…", value_delimiter = ',')]
    pub ext: Vec<String>,
    /// Only files whose path below the folder matches, as in `2024-*/cam?.png`; `**` crosses folders
    #[arg(long, value_name = "GLOB")]
    pub pattern: Option<String>,
    /// Files in folders below it as well
    #[arg(long, short)]
    pub recursive: bool,
}

/// Make a manifest of the objects in an S3 bucket
///
/// One line for each object whose key starts with the prefix, sorted by key. Folders and files that start with a dot
/// are left out.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
Region and credentials are those of every AWS tool.

Examples:
  gtruth manifest from-s3 s3://my-bucket/cam3/ --ext png,jpg -o survey.manifest
  gtruth manifest from-s3 s3://my-bucket/cams/ --recursive --task-type bounding-box --set river=Tamar")]
pub struct ManifestFromS3Args {
    /// The folder, or the start of the keys
    #[arg(value_name = "S3-URI")]
    pub uri: String,
    /// Which objects
    #[command(flatten)]
    pub files: ChosenFilesArgs,
    /// What every new manifest takes
    #[command(flatten)]
    pub new: NewManifestArgs,
    /// How AWS is reached
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Make a manifest of the files in a folder that is, or will be, in S3
///
/// One line for each file, sorted by path. Files and folders that start with a dot are left out. Nothing is uploaded:
/// `aws s3 sync DIR URI` does that.
#[derive(Debug, Clone, ClapArgs)]
#[command(
    group = ArgGroup::new("kind").args(["uri", "text"]).required(true),
    after_long_help = "\
Examples:
  gtruth manifest from-dir ./cam3 --uri s3://my-bucket/cam3/ --ext png,jpg -o survey.manifest
  gtruth manifest from-dir ./letters --text --ext txt -o letters.manifest"
)]
pub struct ManifestFromDirArgs {
    /// The folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,
    /// Where in S3 the folder is
    #[arg(long, value_name = "S3-URI")]
    pub uri: Option<String>,
    /// Put the content of each file into the manifest, as a text
    #[arg(long)]
    pub text: bool,
    /// Which files
    #[command(flatten)]
    pub files: ChosenFilesArgs,
    /// What every new manifest takes
    #[command(flatten)]
    pub new: NewManifestArgs,
}

/// Make a manifest from a table
///
/// One line for each row, in the order of the file. One column holds the data objects; the others become members of
/// the same names. Values stay texts, unless --numbers names their column.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
The first row names the columns. The file is UTF-8, as spreadsheets write \"CSV UTF-8\".

Examples:
  gtruth manifest from-csv images.csv --source-column uri -o survey.manifest
  gtruth manifest from-csv images.csv --source-column file --uri s3://my-bucket/cam3/
  gtruth manifest from-csv tickets.csv --source-column body --text --columns id,lang --numbers id
  gtruth manifest from-csv export.tsv --delimiter tab --source-column uri")]
pub struct ManifestFromCsvArgs {
    /// The table; `-` for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub table: PathBuf,
    /// The column that holds the data objects
    #[arg(long, value_name = "NAME")]
    pub source_column: String,
    /// That column holds texts, and not S3 URIs
    #[arg(long, conflicts_with = "uri")]
    pub text: bool,
    /// That column holds paths below this S3 URI
    #[arg(long, value_name = "S3-URI")]
    pub uri: Option<String>,
    /// The other columns to take [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub columns: Option<Vec<String>>,
    /// Columns whose values become numbers, with the digits they have
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub numbers: Vec<String>,
    /// Leave a member out where its cell is empty
    #[arg(long)]
    pub skip_empty: bool,
    /// What separates the columns: one character, or `tab` [default: tab for .tsv, else a comma]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// What every new manifest takes
    #[command(flatten)]
    pub new: NewManifestArgs,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if text.eq_ignore_ascii_case("tab") || text == r"\t" => Ok(b'\t'),
        [one] if one.is_ascii() => Ok(*one),
        _ => Err("give one ASCII character, or tab".to_owned()),
    }
}
