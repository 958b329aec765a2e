//! What can be done to a running node: alarms, permissions, limits, queues, and any Erlang expression.
//!
//! `eval` speaks the Erlang distribution directly and takes 30 ms; `ctl` starts a machine of its own and takes half a
//! second, but keeps its meaning from version to version.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use crate::node::Node;
use crate::wait::until;

const ALARM_TIMEOUT: Duration = Duration::from_secs(15);
const START_TIMEOUT: Duration = Duration::from_secs(90);

impl Node {
    /// Runs `rabbitmqctl` and gives what it printed.
    pub fn ctl(&self, arguments: &[&str]) -> String {
        let output = self.tool(self.path("rabbitmq/sbin/rabbitmqctl")).arg("-q").args(arguments).output();
        let output = output.expect("rabbitmqctl comes with RabbitMQ");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "rabbitmqctl {arguments:?} failed:\n{said}{complained}");
        said
    }

    /// Evaluates Erlang expressions, each ended by a full stop or comma, and gives the last one's value as text.
    pub fn eval(&self, expressions: &str) -> String {
        let mut command = self.tool("erl_call".into());
        command.args(["-sname", &self.name(), "-c", &self.cookie, "-e"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut call = command.spawn().expect("erl_call comes with Erlang, which comes with RabbitMQ");
        let mut input = call.stdin.take().expect("its input is piped");
        writeln!(input, "{expressions}").expect("erl_call reads its input");
        drop(input);
        let output = call.wait_with_output().expect("our own child can be waited for");
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let value = said.strip_prefix("{ok, ").and_then(|rest| rest.strip_suffix('}'));
        let complaint = || String::from_utf8_lossy(&output.stderr).into_owned();
        value.unwrap_or_else(|| panic!("{expressions} gave {said} {}", complaint())).to_owned()
    }

    /// Stops the broker inside the Erlang machine: connections are closed properly, the machine keeps running.
    pub fn stop_app(&self) {
        self.eval("rabbit:stop().");
    }

    /// Starts it again and waits until it takes connections.
    pub fn start_app(&self) {
        // For a moment after a node has come up it still holds itself to be booting, and a start is passed over.
        let started = || self.eval("rabbit:start(), rabbit:is_running().") == "true";
        assert!(until(START_TIMEOUT, started), "RabbitMQ did not start inside its Erlang machine");
    }

    /// Makes the node believe it is out of memory, or no longer: publishers are blocked while it does.
    pub fn memory_alarm(&self, on: bool) {
        let watermark = if on { "1" } else { "2147483648" };
        self.eval(&format!("vm_memory_monitor:set_vm_memory_high_watermark({{absolute, {watermark}}})."));
        self.await_alarm("memory", on);
    }

    /// The same with disk space.
    pub fn disk_alarm(&self, on: bool) {
        let limit = if on { "900000000000000" } else { "50000000" };
        self.eval(&format!("rabbit_disk_monitor:set_disk_free_limit({limit})."));
        self.await_alarm("disk", on);
    }

    /// Closes every client connection with code 320, as an operator does.
    pub fn close_connections(&self) {
        self.eval(
            "[rabbit_networking:close_connection(Connection, \"closed by a test\") \
             || Connection <- rabbit_networking:connections()].",
        );
    }

    /// How many client connections are open.
    pub fn connections(&self) -> usize {
        self.eval("length(rabbit_networking:connections()).").parse().expect("a length is a number")
    }

    /// Writes the tables of all quorum queues to disk.
    ///
    /// RabbitMQ loses a quorum queue declared less than about a second before its machine is killed, confirmed messages
    /// included: call this between declaring and [`Node::kill_9`].
    pub fn settle(&self) {
        self.eval("[dets:sync(Table) || Table <- dets:all()], ok.");
    }

    /// Grants a user the objects that match the patterns for configuring, writing and reading.
    pub fn set_permissions(&self, user: &str, [configure, write, read]: [&str; 3]) {
        self.ctl(&["set_permissions", "-p", "/", user, configure, write, read]);
    }

    /// Changes a password; open connections stay open.
    pub fn change_password(&self, user: &str, password: &str) {
        self.ctl(&["change_password", user, password]);
    }

    /// Deletes a queue with all that is in it; its consumers are cancelled.
    pub fn delete_queue(&self, queue: &str) {
        self.ctl(&["delete_queue", queue]);
    }

    /// How many messages a queue holds, delivered ones included; `None` when there is no such queue.
    ///
    /// A quorum queue's count lags for a while after a restart: decide by draining, not by this.
    pub fn queue_depth(&self, queue: &str) -> Option<u64> {
        let depth = self.eval(&format!(
            "case rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"{queue}\">>)) of \
             {{ok, Queue}} -> proplists:get_value(messages, rabbit_amqqueue:info(Queue, [messages])); \
             _ -> missing end."
        ));
        depth.parse().ok()
    }

    /// How long a consumer may hold a delivery; for channels opened from now on. Looked at every second.
    pub fn set_consumer_timeout(&self, timeout: Duration) {
        self.set("channel_tick_interval", 1000);
        self.set("consumer_timeout", timeout.as_millis());
    }

    /// The largest body a publisher may send; for channels opened from now on.
    pub fn set_message_size_max(&self, bytes: usize) {
        self.set("max_message_size", bytes);
        // From 4.0 on the limit is copied here when the node starts.
        self.eval(&format!("persistent_term:put(max_message_size, {bytes})."));
    }

    fn set(&self, key: &str, value: impl std::fmt::Display) {
        self.eval(&format!("application:set_env(rabbit, {key}, {value})."));
    }

    /// Waits until the alarm of this resource is raised or cleared.
    fn await_alarm(&self, resource: &str, on: bool) {
        let raised = || self.eval("rabbit_alarm:get_alarms().").contains(resource);
        assert!(until(ALARM_TIMEOUT, || raised() == on), "the {resource} alarm did not become {on}");
    }
}
