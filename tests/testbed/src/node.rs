//! A private RabbitMQ node: one directory, ports of its own, an epmd of its own, and nothing touched outside.
//!
//! Its life and death are here; what can be done to a living one is in `control`. Every call waits until its effect can
//! be seen, and panics with the node's log when that takes too long. A node is started in 2.5 to 5 s.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use uuid::Uuid;

use crate::installation::Installation;
use crate::ports::Port;
use crate::reaper::Reaper;
use crate::tls::{Authority, ServerCertificate};
use crate::wait::until;

const START_TIMEOUT: Duration = Duration::from_secs(90);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// What a node is started with, in addition to loopback and small limits.
#[derive(Default)]
pub struct NodeOptions {
    /// Listens on TLS too, showing this certificate of an authority of its own.
    pub tls: Option<ServerCertificate>,
    /// Plugins by name, e.g. `rabbitmq_consistent_hash_exchange`.
    pub plugins: Vec<&'static str>,
    /// Lines added to `rabbitmq.conf`.
    pub conf: Vec<String>,
}

/// A running node, or one that was killed and can be started again.
pub struct Node {
    // Dropped in this order, after `drop` has ended the processes: the reaper first, that it finds nothing to do.
    reaper: Option<Reaper>,
    beam: Option<Child>,
    epmd: Child,
    amqp: Port,
    amqps: Port,
    distribution: Port,
    names: Port,
    /// Shared by the node and the tools that speak to it.
    pub cookie: String,
    authority: Option<Authority>,
    /// The programs it is made of.
    pub installation: Installation,
    directory: TempDir,
}

impl Node {
    /// Starts one and waits until it takes connections.
    pub fn start(options: &NodeOptions) -> Node {
        let installation = Installation::find();
        let directory = TempDir::with_prefix("dateline-broker-").expect("the temporary directory can be written");
        installation.shadow(&directory.path().join("rabbitmq"), &options.plugins);
        let names = Port::reserve();
        let epmd = spawn_epmd(&installation, directory.path(), &names);
        let mut node = Node {
            reaper: Some(Reaper::guard(directory.path())),
            beam: None,
            epmd,
            amqp: Port::reserve(),
            amqps: Port::reserve(),
            distribution: Port::reserve(),
            names,
            cookie: Uuid::new_v5(&Uuid::NAMESPACE_OID, directory.path().as_os_str().as_encoded_bytes())
                .simple()
                .to_string(),
            authority: options.tls.is_some().then(|| Authority::create(&directory.path().join("tls"))),
            installation,
            directory,
        };
        node.configure(options);
        node.start_again();
        node
    }

    /// Starts the node again that was stopped or killed.
    pub fn start_again(&mut self) {
        assert!(self.beam.is_none(), "the node is running");
        let seen = self.log().len();
        let script = self.path("rabbitmq/sbin/rabbitmq-server");
        let mut command = self.tool(script);
        let output = File::create(self.path("console.log")).expect("the node's directory can be written");
        command.stdin(Stdio::null()).stderr(output.try_clone().expect("a file can be opened twice")).stdout(output);
        let beam = command.process_group(0).spawn().expect("sh runs everywhere");
        self.note("beam.pid", &beam);
        let beam = self.beam.insert(beam);
        let log = self.directory.path().join("rabbit.log");
        let up = until(START_TIMEOUT, || {
            let exited = beam.try_wait().expect("our own child can be waited for");
            exited.is_some() || read(&log).get(seen..).is_some_and(|new| new.contains("Server startup complete"))
        });
        let exited = beam.try_wait().expect("our own child can be waited for");
        assert!(up && exited.is_none(), "RabbitMQ did not start ({exited:?}):\n{}", self.last_words());
    }

    /// Stops it as an operator would: clients are notified, queues are written.
    pub fn stop(&mut self) {
        self.resume();
        self.signal(Signal::TERM);
        let beam = self.beam.as_mut().expect("the node is running");
        let stopped = until(STOP_TIMEOUT, || beam.try_wait().expect("our own child can be waited for").is_some());
        assert!(stopped, "RabbitMQ did not stop:\n{}", self.last_words());
        self.beam = None;
    }

    /// Stops and starts it.
    pub fn restart(&mut self) {
        self.stop();
        self.start_again();
    }

    /// Kills it as a power cut would. Sockets are closed by the kernel; nobody is notified, nothing is written.
    pub fn kill_9(&mut self) {
        if let Some(mut beam) = self.beam.take() {
            beam.kill().expect("our own child can be killed");
            beam.wait().expect("our own child can be waited for");
        }
    }

    /// Freezes it: connections stay open and nothing answers.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Thaws it.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Where it listens in the clear, with the user that every node has.
    pub fn amqp_url(&self) -> String {
        self.amqp_url_at(self.amqp.number)
    }

    /// The same through a proxy's port.
    pub fn amqp_url_at(&self, port: u16) -> String {
        format!("amqp://guest:guest@127.0.0.1:{port}/%2f")
    }

    /// The port of [`Node::amqp_url`], for a proxy to connect to.
    pub fn amqp_port(&self) -> u16 {
        self.amqp.number
    }

    /// Where it listens on TLS.
    pub fn amqps_url(&self) -> String {
        format!("amqps://guest:guest@localhost:{}/%2f", self.amqps.number)
    }

    /// Who signed its certificate and signs those of its clients.
    pub fn authority(&self) -> &Authority {
        self.authority.as_ref().expect("the node was started with `tls`")
    }

    /// All that the node has logged.
    pub fn log(&self) -> String {
        read(&self.path("rabbit.log"))
    }

    /// Its name in the Erlang distribution.
    pub fn name(&self) -> String {
        format!("t{}@localhost", self.amqp.number)
    }

    /// One of RabbitMQ's or Erlang's programs, in the environment of this node.
    pub fn tool(&self, program: PathBuf) -> Command {
        let mut command = self.installation.command(program);
        command.env_clear().current_dir(self.directory.path());
        command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.envs([("LANG", "C.UTF-8"), ("LC_ALL", "C.UTF-8"), ("ERL_EPMD_ADDRESS", "127.0.0.1")]);
        command.env("ERL_EPMD_PORT", self.names.number.to_string()).env("HOME", self.directory.path());
        command.env("ERL_CRASH_DUMP", self.path("erl_crash.dump"));
        command.env("RABBITMQ_NODENAME", self.name()).env("RABBITMQ_DIST_PORT", self.distribution.number.to_string());
        command.env("RABBITMQ_SCRIPTS_DIR", self.path("rabbitmq/sbin"));
        for (variable, file) in [
            // An empty file here keeps /etc/rabbitmq out.
            ("RABBITMQ_CONF_ENV_FILE", "rabbitmq-env.conf"),
            ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced.config"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", "enabled_plugins"),
            ("RABBITMQ_MNESIA_BASE", "mnesia"),
            ("RABBITMQ_LOG_BASE", "."),
            ("RABBITMQ_LOGS", "rabbit.log"),
            ("RABBITMQ_PID_FILE", "rabbit.pid.txt"),
            ("RABBITMQ_FEATURE_FLAGS_FILE", "feature_flags"),
            ("RABBITMQ_GENERATED_CONFIG_DIR", "generated"),
        ] {
            command.env(variable, self.path(file));
        }
        // The start script then becomes the Erlang machine: its process id is the one we hold.
        command.env("RUNNING_UNDER_SYSTEMD", "true");
        // Idle schedulers do not spin: several nodes share a small machine.
        let arguments = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none";
        command.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", arguments);
        command
    }

    /// A path in the node's directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn configure(&self, options: &NodeOptions) {
        self.write(".erlang.cookie", &self.cookie);
        fs::set_permissions(self.path(".erlang.cookie"), fs::Permissions::from_mode(0o400))
            .expect("the node's directory can be written");
        self.write("rabbitmq-env.conf", "");
        self.write("advanced.config", "[].\n");
        self.write("enabled_plugins", &format!("[{}].\n", options.plugins.join(",")));
        self.write("rabbitmq.conf", &self.conf(options));
    }

    fn conf(&self, options: &NodeOptions) -> String {
        let mut conf = format!("listeners.tcp.1 = 127.0.0.1:{}\n", self.amqp.number);
        conf.push_str("log.console = false\nlog.file.level = info\n");
        conf.push_str("vm_memory_high_watermark.absolute = 2GiB\ndisk_free_limit.absolute = 50MB\n");
        if let (Some(authority), Some(kind)) = (&self.authority, options.tls) {
            let server = authority.server(kind);
            let (certificate, key) = (server.certificate.display(), server.key.display());
            write!(
                conf,
                "listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {authority}\n\
                 ssl_options.certfile = {certificate}\nssl_options.keyfile = {key}\n\
                 ssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = false\n\
                 ssl_options.versions.1 = tlsv1.3\nssl_options.versions.2 = tlsv1.2\n",
                port = self.amqps.number,
                authority = authority.certificate().display(),
            )
            .expect("writing to a string cannot fail");
        }
        for line in &options.conf {
            conf.push_str(line);
            conf.push('\n');
        }
        conf
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the node's directory can be written");
    }

    fn note(&self, name: &str, child: &Child) {
        self.write(name, &child.id().to_string());
    }

    fn signal(&self, signal: Signal) {
        let beam = self.beam.as_ref().expect("the node is running");
        kill_process(Pid::from_child(beam), signal).expect("our own child can be signalled");
    }

    /// The end of what the node said, for the message of a panic.
    fn last_words(&self) -> String {
        let said = read(&self.path("console.log")) + &self.log();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.reaper = None;
        self.kill_9();
        self.epmd.kill().expect("our own child can be killed");
        self.epmd.wait().expect("our own child can be waited for");
    }
}

/// Starts the node's own name server, in the foreground so that its process id is known.
fn spawn_epmd(installation: &Installation, directory: &Path, port: &Port) -> Child {
    let mut command = installation.command("epmd");
    command.args(["-address", "127.0.0.1", "-port"]).arg(port.number.to_string());
    let log = OpenOptions::new().create(true).append(true).open(directory.join("epmd.log"));
    let log = log.expect("the node's directory can be written");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let epmd = command.process_group(0).spawn().expect("epmd comes with Erlang, which comes with RabbitMQ");
    fs::write(directory.join("epmd.pid"), epmd.id().to_string()).expect("the node's directory can be written");
    epmd
}

/// What a log holds by now; nothing when it is not there yet.
fn read(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
