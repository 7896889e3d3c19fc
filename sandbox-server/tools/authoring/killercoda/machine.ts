/** The machines that scenarios ask for, and what stands for them here. */
import type { Note, Scenario } from './scenario.ts';

export interface Machine {
	/** Debian packages besides the usual ones. */
	packages: string[];
	/** Why commands cannot work here: the scenario is text to read. */
	textOnly: string | undefined;
	notes: Note[];
}

/** Programs that Killercoda's Ubuntu has and scenarios take for granted. */
export const usualPackages =
	'bc bsdextrautils bsdutils ca-certificates cron curl dnsutils file gawk git gnupg iproute2 iputils-ping jq less lsof man-db nano ncat net-tools openssh-client openssl passwd procps psmisc python3 rsync sudo tree unzip vim-tiny wget xz-utils zip'.split(
		' ',
	);

const languages: [RegExp, string[]][] = [
	[/^python/, ['python3-pip', 'python3-venv']],
	[/^node/, ['nodejs']],
	[/^(go|golang)/, ['golang-go']],
	[/^(openjdk|java)/, ['default-jdk-headless']],
	[/^rlang/, ['r-base-core']],
	[/^ruby/, ['ruby']],
	[/^rust/, ['rustc', 'cargo']],
	[/^(gcc|cpp|c$)/, ['gcc', 'g++', 'make', 'libc6-dev']],
];

const plain = /^(ubuntu|debian|linux|bash|terminal|alpine|centos|fedora|rhel|node-?base)/;

const clusters: [RegExp, string][] = [
	[
		/kube|k3s|k8s|minikube|microk8s|openshift|okd|crc|rancher|istio|cks|cka/i,
		'a Kubernetes cluster: sandboxes have no network and start no cluster',
	],
	[/docker|swarm|moby|podman|nomad|containerd/i, 'a container engine: there is none in a sandbox, and nothing to pull from'],
	[/windows|dotnet-win/i, 'Windows'],
];

/** @param imageid of index.json's backend */
export function machineOf(imageid: string): Machine {
	const name = imageid.toLowerCase();
	for (const [pattern, reason] of clusters) if (pattern.test(name)) return { packages: [], textOnly: `it needs ${reason}`, notes: [] };
	for (const [pattern, packages] of languages) {
		if (!pattern.test(name)) continue;
		const why = `Debian's own ${packages.join(', ')} takes its place; the version may differ`;
		return { packages, textOnly: undefined, notes: [{ what: `image ${imageid}`, why }] };
	}
	if (plain.test(name)) return { packages: [], textOnly: undefined, notes: [] };
	return {
		packages: [],
		textOnly: undefined,
		notes: [{ what: `image ${imageid}`, why: 'it is not known here: a Debian 13 takes its place' }],
	};
}

/** Packages that scripts and commands install: put into the image, since sandboxes have no network. */
export function installedBy(texts: readonly string[]): string[] {
	const found = new Set<string>();
	for (const text of texts) {
		for (const [, rest = ''] of text
			.replace(/\\\n/g, ' ')
			.matchAll(/\b(?:apt|apt-get|aptitude|yum|dnf)\b[^\n;&|]*?\binstall\b([^\n;&|)#>]*)/g)) {
			for (const word of rest.trim().split(/\s+/)) if (/^[a-z0-9][a-z0-9+.-]+$/.test(word)) found.add(word.replace(/=.*$/, ''));
		}
	}
	return [...found].sort().slice(0, 40);
}

/** Locales such as "en_US" that scripts and texts name as `en_US.UTF-8`: without them in the image bash warns, and accents are no letters to it. */
export function localesOf(texts: readonly string[]): string[] {
	const found = texts.flatMap((text) => [...text.matchAll(/\b([a-z]{2,3}_[A-Z]{2})\.(?:UTF-8|utf-?8)\b/g)].map(([, name = '']) => name));
	return [...new Set(found)].sort().slice(0, 10);
}

const beyond: [RegExp, string, string][] = [
	[/\b(systemctl|service|journalctl|initctl)\b/, 'systemd', 'a sandbox has no init system: start programs directly'],
	[/\b(docker|docker-compose|podman|nerdctl|crictl)\b/, 'a container engine', 'there is none in a sandbox'],
	[/\b(kubectl|helm|kubeadm|minikube|k3s|oc|kind)\s/, 'Kubernetes', 'there is no cluster in a sandbox'],
	[
		/\b(https?:\/\/(?!localhost|127\.)|git clone|pip3? install|npm (i|install)|go get|gem install|snap install|wget |curl -[a-zA-Z]*[LO])/,
		'the internet',
		'sandboxes have no network but their own loopback',
	],
	[
		/\b(mkfs|fdisk|parted|losetup|pvcreate|vgcreate|lvcreate|swapon|modprobe|insmod|iptables|nft|ufw|ip (link|addr|route) (add|del|set)|sysctl -w|reboot|shutdown)\b/,
		'devices, kernel or network settings',
		'these rights are never handed out',
	],
	[
		/\b(su -|su |sudo -u|runuser|ch(?:own|grp) (?!root)|setpriv|ssh (\w+@)?(node|host|worker|server|localhost))/,
		'other users or hosts',
		'a sandbox has one user and one host',
	],
];

/** What commands ask for that a sandbox does not have, one note each, with how many of them ask. */
export function beyondReach(commands: readonly string[]): Note[] {
	return beyond.flatMap(([pattern, what, why]) => {
		const count = commands.filter((command) => pattern.test(command)).length;
		return count === 0 ? [] : [{ what: `${count} of ${commands.length} commands and scripts: ${what}`, why }];
	});
}

const manyTerminals = /terminal-terminal|split|multi/;

/** Terminals open at the start, and what a layout had besides. */
export function layoutOf({ layout }: Pick<Scenario, 'layout'>): { terminals: number; notes: Note[] } {
	const terminals = manyTerminals.test(layout) ? 2 : 1;
	const notes: Note[] = [];
	if (/ide|editor|vscode|code/i.test(layout))
		notes.push({ what: `layout ${layout}`, why: 'the editor is the tab "Files" beside the terminals: it shows what is opened in it' });
	else if (/iframe|dashboard|browser|desktop|vnc/i.test(layout))
		notes.push({ what: `layout ${layout}`, why: 'a web page opens beside the terminals when its link in the text is pressed' });
	return { terminals, notes };
}
