//! Who may do what, and who is who: permissions, passwords, virtual hosts, certificates.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::scene::Scene;
use crate::stage::WORKER;
use testbed::tls::{Authority, Identity, ServerCertificate};

const EVERYTHING: [&str; 3] = [".*", ".*", ".*"];

pub(super) fn write_revoked(scene: &mut Scene<'_>) {
    revoke(scene, [".*", "^$", ".*"]);
}

pub(super) fn read_revoked(scene: &mut Scene<'_>) {
    revoke(scene, [".*", ".*", "^$"]);
}

/// The broker remembers what a channel may do, so connections are closed each time.
fn revoke(scene: &mut Scene<'_>, rights: [&str; 3]) {
    scene.node().set_permissions(WORKER.0, rights);
    scene.node().close_connections();
    scene.wait_until_not_ready("ACCESS_REFUSED");
    scene.node().set_permissions(WORKER.0, EVERYTHING);
    scene.heal();
}

pub(super) fn begin_with_password_file(scene: &mut Scene<'_>) {
    let file = scene.node().path("password");
    fs::write(&file, WORKER.1).expect("the node's directory can be written");
    scene.newsroom.set("broker.password_file", &format!("{file:?}"));
    scene.begin();
}

pub(super) fn password_changed(scene: &mut Scene<'_>) {
    let file = scene.node().path("password");
    scene.node().change_password(WORKER.0, "second");
    scene.node().close_connections();
    scene.wait_until_not_ready("ACCESS_REFUSED");
    fs::write(&file, "second").expect("the node's directory can be written");
    scene.heal();
    scene.recover();
    fs::write(&file, WORKER.1).expect("the node's directory can be written");
    scene.node().change_password(WORKER.0, WORKER.1);
}

pub(super) fn begin_without_vhost(scene: &mut Scene<'_>) {
    let vhost = scene.newsroom.name("vhost");
    scene.move_to(&vhost);
    scene.start_worker();
    scene.wait_until_not_ready("NOT_ALLOWED");
}

pub(super) fn vhost_made(scene: &mut Scene<'_>) {
    let vhost = scene.newsroom.name("vhost");
    scene.node().ctl(&["add_vhost", &vhost]);
    for user in ["guest", WORKER.0] {
        scene.node().ctl(&["set_permissions", "-p", &vhost, user, ".*", ".*", ".*"]);
    }
    scene.heal();
    scene.wait_until_ready();
    let wave = scene.wave(50);
    scene.newsroom.seed(&wave);
}

pub(super) fn begin_with_tls(scene: &mut Scene<'_>) {
    let (url, authority) = (scene.node().amqps_url(), scene.node().authority().certificate());
    scene.newsroom.set("broker.urls", &format!("[{url:?}]"));
    scene.newsroom.set("broker.tls.ca_file", &format!("{authority:?}"));
    scene.begin();
}

pub(super) fn certificate_expired(scene: &mut Scene<'_>) {
    scene.node().authority().server(ServerCertificate::Expired);
    distrusted(scene);
}

pub(super) fn certificate_of_another(scene: &mut Scene<'_>) {
    scene.node().authority().server(ServerCertificate::WrongHost);
    distrusted(scene);
}

pub(super) fn authority_unknown(scene: &mut Scene<'_>) {
    let ours =
        Path::new(&scene.node().authority().certificate()).parent().expect("a file is in a directory").to_owned();
    let Identity { certificate, key } = Authority::create(&ours.join("stranger")).server(ServerCertificate::Good);
    for (from, to) in [(certificate, ours.join("server.pem")), (key, ours.join("server.key"))] {
        fs::copy(from, to).expect("the node's directory can be written");
    }
    distrusted(scene);
}

/// The broker shows the certificate that is there now, until it is replaced.
fn distrusted(scene: &mut Scene<'_>) {
    show_certificate(scene);
    scene.wait_until_not_ready("invalid peer certificate");
    thread::sleep(Duration::from_secs(1));
    scene.node().authority().server(ServerCertificate::Good);
    show_certificate(scene);
    scene.heal();
}

fn show_certificate(scene: &mut Scene<'_>) {
    scene.node().eval("ssl:clear_pem_cache().");
    scene.node().close_connections();
}
