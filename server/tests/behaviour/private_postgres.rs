//! The private PostgreSQL on real clusters: it starts, keeps its data, survives what programs and machines do to it.

mod held_elsewhere;
mod place;

use std::{fs, os::unix::fs::MetadataExt, path::Path, process::Command};

use held_elsewhere::HeldElsewhere;
use place::{Place, keep, kept, show};
use server::private_postgres::PrivatePostgresError;

#[tokio::test]
async fn a_new_folder_gets_a_cluster_with_an_empty_database_that_is_durable_and_has_no_tcp() {
    let place = Place::new();
    let cluster = place.start_durable().await;

    assert_eq!(show(cluster.url(), "fsync").await, "on");
    assert_eq!(show(cluster.url(), "full_page_writes").await, "on");
    assert_eq!(show(cluster.url(), "synchronous_commit").await, "on");
    assert_eq!(show(cluster.url(), "listen_addresses").await, "");
    assert_eq!(show(cluster.url(), "server_encoding").await, "UTF8");
    assert!(
        cluster.url().contains("/tenantatlas?host=/"),
        "{}",
        cluster.url()
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn only_a_throwaway_cluster_gives_up_durability() {
    let place = Place::new();
    let cluster = place.start().await;
    assert_eq!(show(cluster.url(), "fsync").await, "off");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_restart_keeps_the_data_and_leaves_no_socket_folder_between() {
    let place = Place::new();
    let first = place.start().await;
    keep(first.url(), "written before").await;
    let socket_folder = show(first.url(), "unix_socket_directories").await;
    assert_eq!(fs::metadata(&socket_folder).unwrap().mode() & 0o777, 0o700);
    first.stop().await.unwrap();
    assert!(!Path::new(&socket_folder).exists());

    let second = place.start().await;
    assert_eq!(kept(second.url()).await, "written before");
    second.stop().await.unwrap();
}

#[tokio::test]
async fn of_two_starts_at_once_one_gets_the_folder_and_the_other_is_told_in_a_line() {
    let place = Place::new();
    let (one, other) = tokio::join!(place.try_start(), place.try_start());
    let (running, refused) = match (one, other) {
        (Ok(running), Err(refused)) | (Err(refused), Ok(running)) => (running, refused),
        (one, other) => panic!("expected one of each: {one:?}, {other:?}"),
    };
    assert!(matches!(refused, PrivatePostgresError::InUse(_)));
    let line = refused.to_string();
    assert!(
        line.starts_with("another TenantAtlas already uses DATA_DIR /"),
        "{line}"
    );
    assert!(!line.contains('\n'));
    running.stop().await.unwrap();
}

#[tokio::test]
async fn dropping_the_cluster_stops_it() {
    let place = Place::new();
    let cluster = place.start().await;
    let pid = place.server_pid();
    assert!(place::is_a_server(&pid));
    drop(cluster);
    assert!(!place::is_a_server(&pid));
}

#[tokio::test]
async fn the_server_of_a_killed_program_is_taken_over_with_its_data() {
    let place = Place::new();
    let held = HeldElsewhere::start(&place, None);
    keep(&held.url, "written by the killed program").await;
    let old_server = place.server_pid();
    held.kill();
    assert!(
        place::is_a_server(&old_server),
        "the server outlives a killed program"
    );

    let cluster = place.start().await;
    assert!(!place::is_a_server(&old_server));
    assert_eq!(kept(cluster.url()).await, "written by the killed program");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn the_server_stops_with_the_program() {
    let place = Place::new();
    let held = HeldElsewhere::start(&place, None);
    let server = place.server_pid();
    assert!(place::is_a_server(&server));
    held.end();
    assert!(!place::is_a_server(&server));
    assert!(!place.pid_file().exists());
}

#[tokio::test]
async fn a_folder_in_use_by_another_program_is_refused() {
    let place = Place::new();
    let held = HeldElsewhere::start(&place, None);
    let refused = place.try_start().await.unwrap_err();
    assert!(
        matches!(refused, PrivatePostgresError::InUse(_)),
        "{refused}"
    );
    held.end();
}

#[tokio::test]
async fn a_killed_server_recovers_at_the_next_start() {
    let place = Place::new();
    let first = place.start_durable().await;
    keep(first.url(), "written before the crash").await;
    assert!(
        Command::new("kill")
            .args(["-9", &place.server_pid()])
            .status()
            .unwrap()
            .success()
    );
    drop(first);
    assert!(
        place.pid_file().exists(),
        "a killed server leaves its pid file"
    );

    let second = place.start().await;
    assert_eq!(kept(second.url()).await, "written before the crash");
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_pid_file_whose_number_now_belongs_to_another_process_of_the_same_user_is_stale() {
    let place = Place::new();
    let first = place.start().await;
    let text = fs::read_to_string(place.pid_file()).unwrap();
    first.stop().await.unwrap();

    let mut stranger = place.as_database_user("sleep").arg("600").spawn().unwrap();
    let rest = text.split_once('\n').unwrap().1;
    fs::write(place.pid_file(), format!("{}\n{rest}", stranger.id())).unwrap();
    let second = place.try_start().await;
    let stranger_lives = stranger.try_wait().unwrap().is_none();
    stranger.kill().unwrap();
    stranger.wait().unwrap();

    assert!(stranger_lives, "only a server of this cluster is stopped");
    second.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_path_longer_than_any_socket_may_have_works() {
    let mut place = Place::new();
    place.data_dir = place
        .data_dir
        .join("a folder with spaces and 'quotes'/".to_owned() + &"deep/".repeat(40));
    let cluster = place.start().await;
    keep(cluster.url(), "deep down").await;
    assert_eq!(kept(cluster.url()).await, "deep down");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn data_of_another_major_version_is_refused_and_left_alone() {
    let place = Place::new();
    place.start().await.stop().await.unwrap();
    let version_file = place.cluster_data().join("PG_VERSION");
    fs::write(&version_file, "9.4\n").unwrap();

    let refused = place.try_start().await.unwrap_err().to_string();
    assert!(
        refused.contains("was made by PostgreSQL 9.4, but here is PostgreSQL "),
        "{refused}"
    );
    assert!(
        refused.contains("apt-get install postgresql-9.4"),
        "{refused}"
    );
    assert!(!refused.contains('\n'));
    assert_eq!(fs::read_to_string(&version_file).unwrap(), "9.4\n");
}

#[tokio::test]
async fn an_interrupted_making_of_a_cluster_is_begun_again() {
    let place = Place::new();
    place.start().await.stop().await.unwrap();
    fs::rename(
        place.cluster_data(),
        place.cluster_data().with_extension("new"),
    )
    .unwrap();

    let cluster = place.start().await;
    assert_eq!(show(cluster.url(), "server_encoding").await, "UTF8");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named_in_one_line() {
    let mut place = Place::new();
    let file = place.data_dir.join("file");
    fs::create_dir_all(&place.data_dir).unwrap();
    fs::write(&file, "in the way").unwrap();
    place.data_dir = file.join("data");

    let refused = place.try_start().await.unwrap_err().to_string();
    assert!(
        refused.starts_with(&format!("cannot use {}", place.data_dir.display())),
        "{refused}"
    );
    assert!(
        refused.ends_with("choose another folder with DATA_DIR"),
        "{refused}"
    );
    assert!(!refused.contains('\n'));
}

#[tokio::test]
async fn a_socket_folder_that_others_may_enter_is_refused() {
    let place = Place::new();
    let first = place.start().await;
    let socket_folder = show(first.url(), "unix_socket_directories").await;
    first.stop().await.unwrap();
    fs::create_dir(&socket_folder).unwrap();
    assert!(
        Command::new("chmod")
            .args(["0777", &socket_folder])
            .status()
            .unwrap()
            .success()
    );

    let refused = place.try_start().await.unwrap_err();
    fs::remove_dir(&socket_folder).unwrap();
    assert!(
        matches!(refused, PrivatePostgresError::ForeignSocketFolder(_)),
        "{refused}"
    );
    assert!(refused.to_string().starts_with(&socket_folder));
}

#[tokio::test]
async fn root_keeps_the_cluster_elsewhere_where_its_user_cannot_enter() {
    if !place::we_are_root() {
        eprintln!("not root: nothing is out of reach");
        return;
    }
    let place = Place::new();
    fs::create_dir_all(&place.data_dir).unwrap();
    assert!(
        Command::new("chmod")
            .arg("0700")
            .arg(&place.data_dir)
            .status()
            .unwrap()
            .success()
    );
    let first = place.start().await;
    let home = first.home().to_owned();
    keep(first.url(), "kept elsewhere").await;
    first.stop().await.unwrap();
    assert!(
        home.starts_with("/var/lib/tenantatlas"),
        "{}",
        home.display()
    );

    let second = place.start().await;
    assert_eq!(second.home(), home);
    assert_eq!(kept(second.url()).await, "kept elsewhere");
    second.stop().await.unwrap();
    fs::remove_dir_all(home).unwrap();
}

#[tokio::test]
async fn an_ordinary_user_has_a_cluster_of_its_own_and_is_told_of_a_folder_it_may_not_write() {
    if !place::we_are_root() {
        eprintln!("not root: every other test has shown it");
        return;
    }
    let place = Place::new();
    let closed = place.data_dir.join("closed");
    let open = place.data_dir.join("open");
    fs::create_dir_all(&closed).unwrap();
    fs::create_dir_all(&open).unwrap();
    assert!(
        Command::new("chmod")
            .arg("0777")
            .arg(&open)
            .status()
            .unwrap()
            .success()
    );

    let held = HeldElsewhere::start(&place.at(&open), Some("nobody"));
    assert_eq!(show(&held.url, "fsync").await, "off");
    held.end();
    let refused = HeldElsewhere::refused(&place.at(&closed), "nobody");
    assert!(
        refused.starts_with("cannot use ") && refused.contains("Permission denied"),
        "{refused}"
    );
}
