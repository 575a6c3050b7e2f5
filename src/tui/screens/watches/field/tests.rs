use super::*;

#[test]
fn what_is_written_is_read_again() {
    let mut watch = Watch::default();
    let lines = [
        (Field::Name, "studio"),
        (Field::Folder, "/srv/in"),
        (Field::Rule, "pair"),
        (Field::Sources, "/a.jpg; /b c.jpg"),
        (Field::Profile, "quality"),
        (Field::Set, "swap.weight = 0.5; video.quality = 90"),
        (Field::Output, "../out"),
        (Field::Pattern, "{target}.{ext}"),
        (Field::Input, "keep"),
        (Field::Include, "*.mp4; *.mov"),
        (Field::Ignore, "*.tmp"),
        (Field::Recursive, "yes"),
        (Field::Priority, "-5"),
        (Field::Look, "poll"),
        (Field::Poll, "0.5"),
        (Field::Settle, "3"),
        (Field::Paused, "yes"),
    ];
    assert_eq!(lines.map(|(field, _)| field), Field::ALL);
    for (field, text) in lines {
        field.take(&mut watch, text).unwrap();
        assert_eq!(field.text(&watch), text, "{field:?}");
    }
    assert_eq!(watch.sources.len(), 2);
    assert_eq!(watch.set["swap.weight"], toml::Value::Float(0.5));
    assert!(watch.faults().is_empty(), "{:?}", watch.faults());
}

#[test]
fn what_makes_no_sense_is_said() {
    let mut watch = Watch::default();
    for (field, text, word) in [
        (Field::Priority, "many", "no number"),
        (Field::Set, "swap.wait = 1", "did you mean swap.weight"),
        (Field::Set, "swap.weight", "KEY = VALUE"),
        (Field::Set, "swap.weight = heavy", "fit"),
    ] {
        let told = field.take(&mut watch, text).unwrap_err();
        assert!(told.contains(word), "{text}: {told}");
    }
    assert_eq!(watch, Watch::default());
}

#[test]
fn every_word_of_a_choice_is_known_to_the_configuration() {
    for field in Field::ALL {
        if let Kind::Words(words) = field.kind() {
            for (word, _) in words {
                field.take(&mut Watch::default(), word).unwrap();
            }
        }
    }
}
