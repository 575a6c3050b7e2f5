use super::*;
use crate::profiles::schema::find;

fn kind(key: &str) -> Kind {
    find(key).unwrap().kind
}

fn fault_of(key: &str, toml: &str) -> Fault {
    let value = format!("v = {toml}").parse::<Table>().unwrap().remove("v").unwrap();
    faults(kind(key), &value).remove(0)
}

#[test]
fn values_are_told_what_would_be_right() {
    let cases = [
        ("faces.score", "1.5", "1.5 is out of range", "between 0 and 1"),
        ("faces.score", "\"high\"", "is a text", "a number"),
        ("faces.order", "\"left\"", "\"left\"", "did you mean left-right?"),
        ("swap.pixel_boost", "5", "5 is not", "1, 2, 3, 4, 6, 8"),
        ("swap.keep_eyes", "1", "1 is a number", "true or false"),
        ("mask.padding", "[1, 2]", "2 members", "4 members"),
        ("mask.padding", "[1, 2, 3, 400]", "400", "between 0 and 100"),
        ("mask.regions", "[\"skin\", \"noes\"]", "noes", "did you mean nose?"),
        ("swap.model", "\"\"", "an empty text", "a text"),
        ("faces.position", "-1", "-1", "0 or more"),
        ("enhance", "[{ modell = \"x\" }]", "modell", "did you mean model?"),
        ("enhance", "[{ blend = 2 }]", "blend: 2", "between 0 and 1"),
        ("faces.map", "[{ who = \"a.png\" }]", "\"faces\" is missing", "photos"),
        ("faces.map", "[{ who = \"a.png\", faces = [] }]", "0 members", "at least 1"),
    ];
    for (key, toml, says, hint) in cases {
        let fault = fault_of(key, toml);
        assert!(fault.message.contains(says), "{key}: {fault:?}");
        assert!(fault.hint.contains(hint), "{key}: {fault:?}");
    }
    let steps = fault_of("enhance", "[{}, { blend = 2 }]").at;
    assert_eq!(steps, [Step::Member(1), Step::Key("blend".into())]);
    for (key, toml) in [("faces.score", "1"), ("mask.kinds", "[]"), ("video.fps", "29.97")] {
        let value = format!("v = {toml}").parse::<Table>().unwrap().remove("v").unwrap();
        assert_eq!(faults(kind(key), &value), [], "{key}");
    }
}

#[test]
fn texts_become_values() {
    let cases = [
        ("swap.model", "mesh", "\"mesh\""),
        ("swap.model", "\"a b\"", "\"a b\""),
        ("faces.score", "0.4", "0.4"),
        ("swap.pixel_boost", " 4 ", "4"),
        ("swap.keep_mouth", "yes", "true"),
        ("audio.keep", "OFF", "false"),
        ("mask.kinds", "box, region", "[\"box\", \"region\"]"),
        ("mask.kinds", "[\"area\"]", "[\"area\"]"),
        ("mask.padding", "1,2,3,4", "[1, 2, 3, 4]"),
        ("enhance", "a,b", "[{ model = \"a\" }, { model = \"b\" }]"),
        ("enhance", "[{ model = \"a\", blend = 1.0 }]", "[{ model = \"a\", blend = 1.0 }]"),
        (
            "faces.map",
            "a=b,c;d=e",
            "[{ who=\"a\", faces=[\"b\",\"c\"] }, {who=\"d\",faces=[\"e\"]}]",
        ),
    ];
    for (key, text, toml) in cases {
        let value = format!("v = {toml}").parse::<Table>().unwrap().remove("v").unwrap();
        assert_eq!(parse(kind(key), text).unwrap(), value, "{key}={text}");
    }
    for (key, text) in
        [("faces.score", "much"), ("swap.pixel_boost", "2.5"), ("audio.keep", "so so")]
    {
        let fault = parse(kind(key), text).unwrap_err();
        assert!(fault.message.contains(text), "{fault:?}");
    }
}

#[test]
fn paths_are_taken_from_the_profiles_folder() {
    let value = parse(kind("faces.map"), "a.jpg=/b.jpg,sub/c.jpg").unwrap();
    let value = anchored(kind("faces.map"), value, Path::new("/p"));
    assert_eq!(value[0]["who"].as_str(), Some("/p/a.jpg"));
    assert_eq!(value[0]["faces"][0].as_str(), Some("/b.jpg"));
    assert_eq!(value[0]["faces"][1].as_str(), Some("/p/sub/c.jpg"));
}
