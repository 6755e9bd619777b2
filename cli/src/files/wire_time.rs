//! Times as Ground Truth spells them: in file names, in worker-response files, in metadata.

use time::UtcDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

/// Times in the names of files: `2024-05-06_07:08:09`.
const FILE_TIME: StaticFormatDescription = format_description!("[year]-[month]-[day]_[hour]:[minute]:[second]");

/// Times in worker-response files: `2024-05-06T07:01:02.003Z`.
const ANSWER_TIME: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// Times in the metadata of labels: `2024-05-06T07:08:09.000010`.
const CREATION_DATE: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]");

/// The name of a file that is written at `time`: Ground Truth's own, colons included.
pub(crate) fn file_name(time: UtcDateTime) -> String {
    format!("{}.json", written(time, FILE_TIME))
}

pub(crate) fn answer_time(time: UtcDateTime) -> String {
    written(time, ANSWER_TIME)
}

pub(crate) fn creation_date(time: UtcDateTime) -> String {
    written(time, CREATION_DATE)
}

fn written(time: UtcDateTime, format: StaticFormatDescription) -> String {
    // Every date and time has the components of these formats; they fail on dates alone and on times alone.
    time.format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn times_are_spelled_as_the_service_spells_them() {
        let time = utc_datetime!(2024-05-06 07:08:09.001234);
        assert_eq!(file_name(time), "2024-05-06_07:08:09.json");
        assert_eq!(answer_time(time), "2024-05-06T07:08:09.001Z");
        assert_eq!(creation_date(time), "2024-05-06T07:08:09.001234");
    }
}
