//! What a value of the configuration must be beyond its type.

use std::collections::HashMap;
use std::path::Path;

use crate::settings::document::{BadValue, Step};

use super::{Config, Notify, PARTS, Service, Watch};

/// The most hot folders: each has a thread of its own.
const MOST_WATCHES: usize = 64;
/// The longest time that can be asked for, in seconds: a day.
const DAY: f64 = 86_400.0;

struct Checks {
    at: Vec<Step>,
    bad: Vec<BadValue>,
}

impl Checks {
    fn in_table(at: &[Step]) -> Self {
        Checks { at: at.to_vec(), bad: Vec::new() }
    }

    fn say(&mut self, key: &str, what: impl std::fmt::Display, hint: impl Into<String>) {
        let mut at = self.at.clone();
        at.push(key.into());
        let table = self.at.first().map_or(String::new(), |step| match step {
            Step::Key(name) => format!("{name}."),
            Step::Member(_) => String::new(),
        });
        let message = format!("{table}{key}: {what}");
        self.bad.push(BadValue { at, message, hint: hint.into() });
    }

    fn range<T: PartialOrd + std::fmt::Display>(&mut self, key: &str, value: T, from: T, to: T) {
        if !(value >= from && value <= to) {
            let hint = format!("give a number between {from} and {to}");
            self.say(key, format!("{value} is out of range"), hint);
        }
    }

    fn full_path(&mut self, key: &str, path: &Path) {
        if !path.is_absolute() {
            let what = format!("\"{}\" is no full path", path.display());
            self.say(key, what, "begin it with / or ~/");
        }
    }
}

/// Everything that makes no sense.
pub(super) fn all(config: &Config) -> Vec<BadValue> {
    let mut bad = service(&config.service);
    bad.extend(notify(&config.notify));
    for (i, each) in config.watch.iter().enumerate() {
        let found = watch(each).into_iter().map(|mut bad| {
            bad.at.insert(1, i.into());
            bad
        });
        bad.extend(found);
    }
    bad.extend(together(&config.watch));
    bad
}

fn service(service: &Service) -> Vec<BadValue> {
    let mut checks = Checks::in_table(&["service".into()]);
    if let Some(listen) = &service.listen
        && !is_address(listen)
    {
        let what = format!("\"{listen}\" is no address");
        checks.say("listen", what, "write it as 127.0.0.1:7870, [::1]:7870 or NAME:7870");
    }
    for root in &service.roots {
        checks.full_path("roots", root);
    }
    checks.range("parallel_cpu", service.parallel_cpu, 1, 64);
    checks.range("parallel_gpu", service.parallel_gpu, 1, 64);
    checks.range("max_attempts", service.max_attempts, 1, 100);
    checks.range("retry_seconds", service.retry_seconds, 0.1, DAY);
    checks.range("max_upload", service.max_upload, 0.001, 1e6);
    checks.range("max_uploads", service.max_uploads, 1, 1000);
    checks.range("max_megapixels", service.max_megapixels, 0.01, 1e5);
    checks.range("max_frame_rate", service.max_frame_rate, 0.01, 1e4);
    checks.range("max_connections", service.max_connections, 1, 100_000);
    checks.range("log_days", service.log_days, 1, 3650);
    for origin in &service.cors {
        if origin != "*" && !is_origin(origin) {
            let what = format!("\"{origin}\" is no origin");
            checks.say("cors", what, "write it as https://example.org or http://localhost:3000");
        }
    }
    for (key, file) in [("tls_cert", &service.tls_cert), ("tls_key", &service.tls_key)] {
        if let Some(file) = file {
            checks.full_path(key, file);
        }
    }
    match (&service.tls_cert, &service.tls_key) {
        (Some(_), None) => checks.say("tls_cert", "the key is missing", "give tls_key, too"),
        (None, Some(_)) => {
            checks.say("tls_key", "the certificate is missing", "give tls_cert, too")
        }
        _ => {}
    }
    checks.bad
}

fn notify(notify: &Notify) -> Vec<BadValue> {
    let mut checks = Checks::in_table(&["notify".into()]);
    if notify.command.first().is_some_and(|program| program.trim().is_empty()) {
        checks.say("command", "its first word is empty", "name a program there");
    }
    if let Some(address) = &notify.webhook
        && !is_url(address)
    {
        let what = format!("\"{address}\" is no address");
        checks.say("webhook", what, "write it as https://example.org/hook");
    }
    if let Some(file) = &notify.webhook_secret_file {
        checks.full_path("webhook_secret_file", file);
        if notify.webhook.is_none() {
            checks.say(
                "webhook_secret_file",
                "there is no webhook to sign for",
                "give webhook, too",
            );
        }
    }
    checks.bad
}

/// What makes no sense in one hot folder; the ways begin with `watch` and lack its number.
pub(super) fn watch(watch: &Watch) -> Vec<BadValue> {
    let mut checks = Checks::in_table(&["watch".into()]);
    if !is_name(&watch.name) {
        let what = match watch.name.as_str() {
            "" => "a hot folder needs a name".to_owned(),
            name => format!("\"{name}\" is no name"),
        };
        checks.say("name", what, "use small letters, digits, - and _, at most 64 of them");
    }
    if watch.folder.as_os_str().is_empty() {
        checks.say("folder", "a hot folder needs a folder", "give its full path");
    } else {
        checks.full_path("folder", &watch.folder);
    }
    for source in &watch.sources {
        checks.full_path("sources", source);
    }
    if let Err(what) = check_pattern(&watch.pattern) {
        let known = PARTS.map(|part| format!("{{{part}}}")).join(" ");
        checks.say(
            "pattern",
            what,
            format!("there are {known}, such as {{target}}-swapped.{{ext}}"),
        );
    }
    for (key, patterns) in [("include", &watch.include), ("ignore", &watch.ignore)] {
        for pattern in patterns {
            if let Err(error) = glob::Pattern::new(pattern) {
                let what = format!("\"{pattern}\" is malformed: {}", error.msg);
                checks.say(key, what, "*, ?, [abc] and [!abc] have a meaning");
            }
        }
    }
    checks.range("priority", watch.priority, -1000, 1000);
    checks.range("poll_seconds", watch.poll_seconds, 0.05, 3600.0);
    checks.range("settle_seconds", watch.settle_seconds, 0.05, 3600.0);
    checks.bad
}

/// What makes no sense about hot folders beside each other.
fn together(watches: &[Watch]) -> Vec<BadValue> {
    let mut bad = Vec::new();
    let mut say = |i: usize, key: &str, message: String, hint: &str| {
        let at = vec!["watch".into(), i.into(), key.into()];
        bad.push(BadValue { at, message, hint: hint.to_owned() });
    };
    if watches.len() > MOST_WATCHES {
        let message = format!("there are {} hot folders", watches.len());
        say(MOST_WATCHES, "name", message, &format!("there can be {MOST_WATCHES}"));
    }
    let mut names = HashMap::new();
    for (i, watch) in watches.iter().enumerate() {
        if names.insert(watch.name.as_str(), i).is_some() && !watch.name.is_empty() {
            let message = format!("watch.name: there are two hot folders named {}", watch.name);
            say(i, "name", message, "give each a name of its own");
        }
        for other in &watches[..i] {
            if let Some(message) = overlap(watch, other) {
                say(i, "folder", message, "a file can only be taken by one hot folder");
            }
        }
    }
    bad
}

fn overlap(a: &Watch, b: &Watch) -> Option<String> {
    if a.folder.as_os_str().is_empty() {
        return None;
    }
    let [of_a, of_b] = [a, b].map(|watch| format!("{} ({})", watch.name, watch.folder.display()));
    let deep = |watch: &Watch| watch.recursive || watch.rule == super::Rule::Folder;
    if a.folder == b.folder {
        return Some(format!("watch.folder: {of_a} and {} look at the same folder", b.name));
    }
    let inside = (a.folder.starts_with(&b.folder) && deep(b))
        || (b.folder.starts_with(&a.folder) && deep(a));
    inside.then(|| format!("watch.folder: {of_a} and {of_b} lie in each other"))
}

/// Checks the name of a result.
fn check_pattern(pattern: &str) -> Result<(), String> {
    if pattern.trim().is_empty() {
        return Err("it is empty".into());
    }
    let path = Path::new(pattern);
    let up = path.components().any(|part| matches!(part, std::path::Component::ParentDir));
    if path.is_absolute() || up {
        return Err(format!("\"{pattern}\" leads out of the output folder"));
    }
    let mut rest = pattern;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((part, after)) = after.split_once('}') else {
            return Err(format!("a brace is not closed in \"{pattern}\""));
        };
        if !PARTS.contains(&part) {
            return Err(format!("there is no {{{part}}} in the name of a result"));
        }
        rest = after;
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    !name.is_empty() && name.len() <= 64 && name.chars().all(fits)
}

fn is_address(address: &str) -> bool {
    if address.parse::<std::net::SocketAddr>().is_ok() {
        return true;
    }
    let Some((host, port)) = address.rsplit_once(':') else { return false };
    is_host(host) && port.parse::<u16>().is_ok()
}

fn is_host(host: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    !host.is_empty() && !host.starts_with(['-', '.']) && host.chars().all(fits)
}

fn is_url(address: &str) -> bool {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with(['/', ':', '?', '#'])
            && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

fn is_origin(origin: &str) -> bool {
    is_url(origin) && origin.matches('/').count() == 2 && !origin.contains(['?', '#', '@'])
}
