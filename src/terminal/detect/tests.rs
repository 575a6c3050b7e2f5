use super::super::answers::parse;
use super::*;

fn xterm() -> Environment {
    Environment { term: "xterm-256color".into(), ..Environment::default() }
}

fn auto(environment: &Environment, said: &str) -> Protocol {
    decide(Graphics::Auto, environment, Some(&parse(said.as_bytes())), None).protocol
}

#[test]
fn the_best_that_the_terminal_offers_is_taken() {
    let end = "\x1b[?62;22c\x1b[0n";
    let sixel = "\x1b[?63;4;22c\x1b[0n";
    let kitty = "\x1b_Gi=31;OK\x1b\\";
    assert_eq!(auto(&xterm(), end), Protocol::Blocks);
    assert_eq!(auto(&xterm(), sixel), Protocol::Sixel);
    assert_eq!(auto(&xterm(), &format!("{kitty}{sixel}")), Protocol::Kitty);
    assert_eq!(auto(&xterm(), &format!("\x1bP>|iTerm2 3.5\x1b\\{sixel}")), Protocol::Iterm2);
    assert_eq!(auto(&xterm(), &format!("\x1bP>|mintty 3.6\x1b\\{end}")), Protocol::Iterm2);
}

#[test]
fn an_old_kitty_gets_no_pictures_and_other_versions_are_not_kittys() {
    let ok = "\x1b_Gi=31;OK\x1b\\\x1b[?62c\x1b[0n";
    assert_eq!(auto(&xterm(), &format!("\x1bP>|kitty(0.19.3)\x1b\\{ok}")), Protocol::Blocks);
    assert_eq!(auto(&xterm(), &format!("\x1bP>|kitty(0.26.5)\x1b\\{ok}")), Protocol::Kitty);
    assert_eq!(auto(&xterm(), &format!("\x1bP>|ghostty 0.1.0\x1b\\{ok}")), Protocol::Kitty);
}

#[test]
fn the_environment_counts_only_where_the_terminal_is_silent() {
    let environment = Environment { lc_terminal: "iTerm2".into(), ..xterm() };
    assert_eq!(decide(Graphics::Auto, &environment, None, None).protocol, Protocol::Iterm2);
    assert_eq!(auto(&environment, ""), Protocol::Iterm2);
    assert_eq!(auto(&environment, "\x1bP>|XTerm(379)\x1b\\\x1b[0n"), Protocol::Blocks);
}

#[test]
fn some_terminals_are_never_asked() {
    for (term, program, screen) in
        [("dumb", "", false), ("linux", "", false), ("", "", false), ("screen", "", true)]
            .into_iter()
            .chain([("xterm-256color", "Apple_Terminal", false)])
    {
        let environment = Environment {
            term: term.into(),
            term_program: program.into(),
            screen,
            ..Environment::default()
        };
        assert!(environment.must_not_be_asked(), "{environment:?}");
    }
    assert!(!xterm().must_not_be_asked());
}

#[test]
fn an_order_is_obeyed_except_where_it_would_print_garbage() {
    let forced = |term: &str, screen| {
        let environment = Environment { term: term.into(), screen, ..Environment::default() };
        decide(Graphics::Sixel, &environment, None, None).protocol
    };
    assert_eq!(forced("xterm", false), Protocol::Sixel);
    assert_eq!(forced("linux", false), Protocol::Sixel);
    assert_eq!(forced("dumb", false), Protocol::Off);
    assert_eq!(forced("screen", true), Protocol::Blocks);
    assert_eq!(decide(Graphics::Off, &xterm(), None, None).protocol, Protocol::Off);
}

#[test]
fn tmux_is_recognized_by_its_answer_over_ssh() {
    let environment = Environment { term: "screen-256color".into(), ..Environment::default() };
    assert!(environment.may_be_tmux() && !environment.must_not_be_asked());
    assert_eq!(auto(&environment, "\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c\x1b[0n"), Protocol::Blocks);
    assert_eq!(auto(&environment, "\x1bP>|tmux 3.5\x1b\\\x1b[?1;2;4c\x1b[0n"), Protocol::Sixel);
}

#[test]
fn no_color_means_no_blocks_unless_asked_for() {
    let environment = Environment { no_color: true, ..xterm() };
    assert_eq!(auto(&environment, "\x1b[?62c\x1b[0n"), Protocol::Off);
    assert_eq!(auto(&environment, "\x1b[?62;4c\x1b[0n"), Protocol::Sixel);
    assert_eq!(decide(Graphics::Blocks, &environment, None, None).protocol, Protocol::Blocks);
}

#[test]
fn every_choice_has_a_reason() {
    for wanted in [Graphics::Auto, Graphics::Kitty, Graphics::Off, Graphics::Blocks] {
        for term in ["", "linux", "xterm"] {
            let environment = Environment { term: term.into(), ..Environment::default() };
            assert!(!decide(wanted, &environment, None, None).why.is_empty());
        }
    }
}

#[test]
fn cells_that_cannot_be_are_not_believed() {
    assert_eq!(divide((905, 724), (100, 40)), Some((9, 18)));
    assert_eq!(divide((905, 724), (0, 40)), None);
    assert!(believable(&(9, 18)) && !believable(&(0, 18)) && !believable(&(9, 4000)));
}

#[test]
fn under_a_test_harness_or_a_pipe_nothing_is_asked() {
    if !stdout().is_terminal() {
        let found = detect(Graphics::Auto);
        assert_eq!(found.protocol, Protocol::Off);
        assert_eq!(found.why, "the output is not a terminal");
        assert_eq!(found.cells, USUAL_CELLS);
    }
}
