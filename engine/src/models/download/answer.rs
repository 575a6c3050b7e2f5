//! What a server's answer means for a download: go on, begin anew, come back later, or never.

use std::time::{Duration, SystemTime};

use super::wire::Head;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// The first byte that is wanted.
    pub(super) offset: u64,
    /// The file's size, where the catalog knows it.
    pub(super) bytes: Option<u64>,
}

/// What the answer means.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// The bytes from the offset on follow; the file's whole size, where the server says it.
    Continues(Option<u64>),
    /// The whole file follows from its first byte.
    Begins(Option<u64>),
    /// There is nothing at that offset: ask for the whole file.
    Restart,
    /// Not now; after this time, where the server says it.
    Later(String, Option<Duration>),
    /// This server will not do.
    Never(String),
}

/// Reads an answer.
pub(super) fn read(head: &Head, asked: Asked) -> Answer {
    match head.status {
        200 if head.is_page => Answer::Never("answers with a page instead of the file".into()),
        200 => match contradiction(head.length, asked.bytes) {
            Some(why) => Answer::Never(why),
            None => Answer::Begins(head.length.or(asked.bytes)),
        },
        206 => continued(head, asked),
        // Either the file is shorter than what is here, or the server cannot do it.
        416 if asked.offset > 0 => Answer::Restart,
        408 | 425 | 429 | 500..=599 => Answer::Later(status(head.status), head.retry_after),
        _ => Answer::Never(status(head.status)),
    }
}

fn continued(head: &Head, asked: Asked) -> Answer {
    let Some((start, total)) = head.range else {
        return Answer::Restart;
    };
    if let Some(why) = contradiction(total, asked.bytes) {
        return Answer::Never(why);
    }
    if start == asked.offset {
        Answer::Continues(total.or(asked.bytes))
    } else if asked.offset > 0 {
        Answer::Restart
    } else {
        Answer::Never(format!("sends bytes from {start} on where none were asked for"))
    }
}

/// A size that is not the catalog's is another file: better known before it is fetched.
fn contradiction(announced: Option<u64>, bytes: Option<u64>) -> Option<String> {
    let (announced, bytes) = (announced?, bytes?);
    (announced != bytes)
        .then(|| format!("announces {announced} bytes where the catalog's file has {bytes}"))
}

fn status(code: u16) -> String {
    let reason = ureq::http::StatusCode::from_u16(code).ok();
    let words = reason.and_then(|code| code.canonical_reason()).unwrap_or("of no known meaning");
    format!("answers {code} {words}")
}

/// `Retry-After`: seconds, or a date, which is compared with the server's own clock if it says it.
pub(super) fn retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    let now =
        date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or_else(SystemTime::now);
    Some(at.duration_since(now).unwrap_or_default())
}

/// `Content-Range: bytes 5-9/10`: the first byte and the whole size, where it is said.
pub(super) fn content_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.trim().split_once('-')?;
    Some((start.parse().ok()?, total.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16) -> Head {
        Head { status, ..Head::default() }
    }

    const FROM_5: Asked = Asked { offset: 5, bytes: Some(10) };
    const FROM_0: Asked = Asked { offset: 0, bytes: Some(10) };

    #[test]
    fn a_file_begins_or_goes_on() {
        let whole = Head { length: Some(10), ..head(200) };
        assert_eq!(read(&whole, FROM_0), Answer::Begins(Some(10)));
        assert_eq!(read(&whole, FROM_5), Answer::Begins(Some(10)), "Range was ignored");
        let rest = Head { range: content_range("bytes 5-9/10"), length: Some(5), ..head(206) };
        assert_eq!(read(&rest, FROM_5), Answer::Continues(Some(10)));
        let elsewhere = Head { range: content_range("bytes 4-9/10"), ..head(206) };
        assert_eq!(read(&elsewhere, FROM_5), Answer::Restart);
        assert_eq!(read(&head(206), FROM_5), Answer::Restart, "no Content-Range");
        assert!(matches!(read(&elsewhere, FROM_0), Answer::Never(_)));
        assert_eq!(read(&head(416), FROM_5), Answer::Restart);
        assert!(matches!(read(&head(416), FROM_0), Answer::Never(_)));
    }

    #[test]
    fn another_size_is_another_file() {
        for announced in [9, 11] {
            let whole = Head { length: Some(announced), ..head(200) };
            assert!(
                matches!(read(&whole, FROM_0), Answer::Never(why) if why.contains("announces"))
            );
        }
        let rest = Head { range: content_range("bytes 5-19/20"), ..head(206) };
        assert!(matches!(read(&rest, FROM_5), Answer::Never(why) if why.contains("20 bytes")));
        let unknown = Asked { bytes: None, ..FROM_5 };
        assert_eq!(read(&rest, unknown), Answer::Continues(Some(20)));
        let page = Head { is_page: true, ..head(200) };
        assert!(matches!(read(&page, FROM_0), Answer::Never(why) if why.contains("page")));
    }

    #[test]
    fn some_faults_pass_and_some_do_not() {
        for code in [408, 425, 429, 500, 502, 503, 504] {
            let busy = Head { retry_after: Some(Duration::from_secs(3)), ..head(code) };
            let Answer::Later(why, wait) = read(&busy, FROM_0) else { panic!("{code}") };
            assert!(why.contains(&code.to_string()), "{why}");
            assert_eq!(wait, Some(Duration::from_secs(3)));
        }
        for code in [204, 304, 400, 401, 403, 404, 410, 451] {
            assert!(matches!(read(&head(code), FROM_0), Answer::Never(_)), "{code}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(" 120 ", None), Some(Duration::from_secs(120)));
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        let wait = retry_after("Sun, 06 Nov 1994 08:50:07 GMT", date);
        assert_eq!(wait, Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:50:07 GMT", None), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", None), None);
        assert_eq!(retry_after("-5", None), None);
    }

    #[test]
    fn ranges_are_read() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        assert_eq!(content_range("bytes */10"), None);
        assert_eq!(content_range("lines 5-9/10"), None);
    }
}
