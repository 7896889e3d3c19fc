/** What is tried from inside a container, as one script of perl: every Debian has it, and it can make system calls by their numbers. */

/** Numbers by architecture, as Node calls it; an architecture that is not here has no probes of system calls. */
const numbers: Record<string, Record<string, number>> = {
	x64: { mount: 165, umount: 166, unshare: 272, ptrace: 101, keyctl: 250, mknod: 259, syslog: 103, bpf: 321 },
	arm64: { mount: 40, umount: 39, unshare: 97, ptrace: 117, keyctl: 219, mknod: 33, syslog: 116, bpf: 280 },
};

/** A process of the host of the same user, which the probes try to see and to trace. */
export interface Decoy {
	pid: number;
	/** Stands in its command line. */
	mark: string;
}

/** Ends the text of the script; stands in no line of it. */
const end = 'END_OF_PROBES';

/**
 * Prints a line "name=0" for what worked, "name=NUMBER" for the error that stopped it, and "name=-" for what could not be tried; then the
 * facts about the process, "fact.name=…".
 * @returns undefined for an architecture whose calls are not known
 */
export function probeScript(arch: string, decoy: Decoy, name: string): string | undefined {
	const call = numbers[arch];
	if (!call) return undefined;
	return `perl - <<'${end}'
$| = 1;
sub say_ { my ($n, $r) = @_; print "$n=$r\\n" }
# In a process of its own: what works is undone by its end.
sub try_ { my ($n, $f) = @_; my $pid = open(my $from, '-|');
	if (!defined $pid) { say_($n, '-'); return }
	if (!$pid) { my $r = eval { $f->() }; print defined $r ? $r : '-'; close STDOUT; exit 0 }
	my $r = <$from>; close $from; say_($n, defined $r && $r =~ /^\\d+$/ ? $r : '-') }
sub call_ { my $r = syscall(shift @_, @_); $r < 0 ? $! + 0 : 0 }
sub opens { my ($mode, $path) = @_; open(my $f, $mode, $path) ? 0 : $! + 0 }
sub reads { my ($path) = @_; open(my $f, '<', $path) or return $! + 0; my $n = sysread($f, my $b, 100); defined $n ? ($n > 0 ? 0 : 2) : $! + 0 }
my ($none, $type, $at) = ("none", "tmpfs", "/mnt");
try_('mount', sub { my $e = call_(${call['mount']}, $none, $at, $type, 0, 0); call_(${call['umount']}, $at, 0) if $e == 0; $e });
# The same with an address that is none: only a filter in front of the call still says no.
try_('mount.blind', sub { call_(${call['mount']}, 0, 1, 0, 0, 0) });
try_('userNamespace', sub { call_(${call['unshare']}, 0x10000000) });
try_('keys', sub { call_(${call['keyctl']}, 0, -3, 1, 0, 0) });
try_('bpf', sub { my $b = "\\0" x 128; call_(${call['bpf']}, 0, $b, 0); my $e = $! + 0; $e == 22 || $e == 7 || $e == 0 ? 0 : $e });
try_('kernelLog', sub { call_(${call['syslog']}, 10, 0, 0) });
try_('devices', sub { my $p = "/mnt/${name}.device"; my $e = call_(${call['mknod']}, -100, $p, 020600, 0x10b); if ($e == 0) { $e = opens('<', $p); unlink $p } $e });
try_('corePattern', sub { opens('+<', '/proc/sys/kernel/core_pattern') });
try_('kernelMemory', sub { reads('/proc/kcore') });
try_('timers', sub { my $a = reads('/proc/timer_list'); my $b = reads('/proc/keys'); $a == 0 || $b == 0 ? 0 : $a });
my $seen = 3;
if (open(my $f, '<', '/proc/${decoy.pid}/cmdline')) { local $/; my $l = <$f>; $seen = 0 if defined $l && index($l, '${decoy.mark}') >= 0 }
say_('hostProcesses', $seen);
# PTRACE_SEIZE: it does not stop the process, and ends with whoever asked.
try_('trace', sub { $seen ? $seen : call_(${call['ptrace']}, 0x4206, ${decoy.pid}, 0, 0) });
my %s;
if (open(my $f, '<', '/proc/self/status')) { while (<$f>) { $s{$1} = $2 if /^(\\w+):\\s*(.*)$/ } }
print "fact.$_=$s{$_}\\n" for grep { defined $s{$_} } qw(CapEff Seccomp NoNewPrivs Uid);
if (open(my $f, '<', '/proc/self/uid_map')) { my $l = <$f>; $l =~ s/\\s+/ /g; print "fact.uidMap=$l\\n" }
if (open(my $f, '<', '/proc/net/dev')) { my @n = map { /^\\s*([^:\\s]+):/ ? $1 : () } <$f>; print "fact.interfaces=@n\\n" }
if (open(my $f, '<', '/proc/version')) { print "fact.kernel=", scalar <$f> }
if (opendir(my $d, '/proc/self/ns')) { print "fact.$_=", readlink("/proc/self/ns/$_") || '', "\\n" for grep { /^(net|pid|user)$/ } readdir $d }
${end}`;
}
