//! The service dies and comes back, the window is closed, a panic happens elsewhere: nothing hangs,
//! and the terminal is given back.

use rustix::process::{Pid, Signal, kill_process};

use super::super::service::Desk;
use super::{Plays, Pty};

fn service(desk: &Desk) -> Pid {
    Pid::from_raw(i32::try_from(desk.service()).unwrap()).unwrap()
}

#[test]
fn it_starts_the_service_and_finds_it_again_after_a_kill() {
    let desk = Desk::new();
    let mut pty = Pty::start(&desk, Plays::Plain, (100, 30), &[]);
    pty.shows("nothing to do");
    let first = service(&desk);
    kill_process(first, Signal::KILL).unwrap();
    pty.shows("no service");
    desk.ok(&["service", "start"]);
    pty.hides("no service");
    assert_ne!(service(&desk), first);
    pty.type_in("q");
    assert_eq!(pty.end(), 0);
    pty.is_restored();
    // Leaving it leaves the service.
    service(&desk);
}

#[test]
fn the_service_is_stopped_when_asked_for_and_not_started_behind_the_users_back() {
    let desk = Desk::new();
    let mut pty = Pty::start(&desk, Plays::Plain, (100, 30), &[]);
    pty.shows("nothing to do");
    pty.type_in("Q");
    pty.shows("Stop the service?");
    pty.type_in("n");
    pty.hides("Stop the service?");
    pty.type_in("Qy");
    pty.shows("no service");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let status = desk.run(&["service", "status", "--json"]);
    assert_ne!(status.status.code(), Some(0), "it was started again");
    pty.type_in("q");
    assert_eq!(pty.end(), 0);
}

#[test]
fn a_closed_window_and_signals_end_it_and_nothing_else() {
    let desk = Desk::new();
    // A closed window is a SIGHUP.
    for signal in [Signal::HUP, Signal::TERM] {
        let mut pty = Pty::start(&desk, Plays::Plain, (100, 30), &[]);
        pty.shows("nothing to do");
        let pid = i32::try_from(pty.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
        assert_eq!(pty.end(), 0);
        pty.is_restored();
    }
    service(&desk);
}

#[test]
fn without_a_terminal_it_says_what_to_do_instead() {
    let desk = Desk::new();
    let output = desk.run(&[]);
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("needs a terminal") && words.contains("--plain"), "{words}");
    let output = desk.run(&["--ascii", "jobs", "list"]);
    assert_eq!(output.status.code(), Some(2));
}
