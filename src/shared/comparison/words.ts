/** The sentences of a comparison of runtimes, by key, in both languages: the command prints them, the page shows them. */
import type { Text } from '../language.ts';

/** Which rows there are, in their order, below which heading. */
export const sections = {
	start: { fr: 'Démarrer', en: 'Starting' },
	work: { fr: 'Travailler', en: 'Working' },
	memory: { fr: 'Mémoire', en: 'Memory' },
	security: { fr: 'Sécurité', en: 'Security' },
	needs: { fr: 'Droits nécessaires', en: 'Privileges needed' },
	formats: { fr: 'Interopérabilité', en: 'Interoperability' },
} as const satisfies Record<string, Text>;
export type SectionName = keyof typeof sections;

interface RowWords {
	section: SectionName;
	title: Text;
}

export const rowWords = {
	startMedian: { section: 'start', title: { fr: 'un démarrage, p50', en: 'one start, p50' } },
	startSlow: { section: 'start', title: { fr: 'un démarrage, p95', en: 'one start, p95' } },
	atOnce: { section: 'start', title: { fr: '{n} à la fois, tous prêts', en: '{n} at once, all ready' } },
	syscalls: { section: 'work', title: { fr: 'appels système', en: 'system calls' } },
	programs: { section: 'work', title: { fr: 'programmes lancés', en: 'programs started' } },
	untar: { section: 'work', title: { fr: 'archive dépliée', en: 'archive unpacked' } },
	read: { section: 'work', title: { fr: 'fichiers lus', en: 'files read' } },
	memory: { section: 'memory', title: { fr: 'au repos, avec ses auxiliaires', en: 'idle, helpers included' } },
	capabilities: { section: 'security', title: { fr: 'a une capacité dangereuse', en: 'has a dangerous capability' } },
	rootOutside: { section: 'security', title: { fr: 'est root pour l’hôte', en: 'is root for the host' } },
	newPrivileges: { section: 'security', title: { fr: 'peut gagner des droits (set-uid)', en: 'may gain rights (set-uid)' } },
	allCalls: { section: 'security', title: { fr: 'appels système non filtrés', en: 'system calls not filtered' } },
	mount: { section: 'security', title: { fr: 'monte un système de fichiers', en: 'mounts a file system' } },
	userNamespace: { section: 'security', title: { fr: 'crée un espace de noms utilisateur', en: 'makes a user namespace' } },
	hostProcesses: { section: 'security', title: { fr: 'voit les processus de l’hôte', en: 'sees the host’s processes' } },
	trace: { section: 'security', title: { fr: 'trace un processus de l’hôte', en: 'traces a process of the host' } },
	keys: { section: 'security', title: { fr: 'accède aux clés du noyau (keyctl)', en: 'gets at the kernel’s keys (keyctl)' } },
	corePattern: { section: 'security', title: { fr: 'écrit dans /proc/sys/kernel', en: 'writes to /proc/sys/kernel' } },
	kernelMemory: { section: 'security', title: { fr: 'ouvre /proc/kcore', en: 'opens /proc/kcore' } },
	timers: { section: 'security', title: { fr: 'lit /proc/timer_list, /proc/keys', en: 'reads /proc/timer_list, /proc/keys' } },
	devices: { section: 'security', title: { fr: 'ouvre un périphérique qu’il crée', en: 'opens a device that it makes' } },
	kernelLog: { section: 'security', title: { fr: 'lit le journal du noyau', en: 'reads the kernel’s log' } },
	bpf: { section: 'security', title: { fr: 'appelle bpf', en: 'calls bpf' } },
	network: { section: 'security', title: { fr: 'voit le réseau de l’hôte', en: 'sees the host’s network' } },
	ordinaryUser: { section: 'needs', title: { fr: 'démarre sans être root', en: 'starts without being root' } },
	daemon: { section: 'needs', title: { fr: 'a besoin d’un démon', en: 'needs a daemon' } },
	setuid: { section: 'needs', title: { fr: 'a des programmes set-uid', en: 'has set-uid programs' } },
	ownGroup: { section: 'needs', title: { fr: 'a son propre groupe de contrôle', en: 'has its own control group' } },
	nested: { section: 'formats', title: { fr: 'Apptainer à l’intérieur', en: 'Apptainer inside' } },
	folder: { section: 'formats', title: { fr: 'prend un dossier', en: 'takes a folder' } },
	dockerArchive: { section: 'formats', title: { fr: 'prend une archive Docker', en: 'takes a Docker archive' } },
	ociArchive: { section: 'formats', title: { fr: 'prend une archive OCI', en: 'takes an OCI archive' } },
	sif: { section: 'formats', title: { fr: 'prend un fichier SIF', en: 'takes a SIF file' } },
	features: { section: 'formats', title: { fr: 'dit ce qu’il sait faire (OCI « features »)', en: 'says what it can (OCI “features”)' } },
} as const satisfies Record<string, RowWords>;
export type RowId = keyof typeof rowWords;

export const hows = {
	start: {
		fr: 'du lancement de la commande à la première ligne que dit un programme du conteneur ; l’un après l’autre, tous à tour de rôle',
		en: 'from the start of the command to the first line that a program in the container says; one after the other, all in turns',
	},
	atOnce: {
		fr: 'tous lancés au même instant, jusqu’au dernier qui est prêt ; l’étendue est celle du premier au dernier',
		en: 'all started at the same moment, until the last of them is ready; the spread is from the first to the last',
	},
	syscalls: {
		fr: 'dd lit et écrit un octet à la fois : {calls} appels système ; temps vu de l’extérieur',
		en: 'dd reads and writes one byte at a time: {calls} system calls; time as seen from outside',
	},
	programs: {
		fr: '{programs} fois /bin/true, lancé par un shell ; temps vu de l’extérieur',
		en: '{programs} times /bin/true, started by a shell; time as seen from outside',
	},
	untar: {
		fr: 'tar déplie {files} fichiers de 1 Kio dans un dossier de l’hôte qui est monté, puis les efface',
		en: 'tar unpacks {files} files of 1 KiB into a folder of the host that is mounted, then removes them',
	},
	read: {
		fr: 'tar lit jusqu’à {reads} fichiers de /usr, du système de fichiers du conteneur, qui sont déjà en mémoire',
		en: 'tar reads up to {reads} files of /usr, of the container’s own file system, which are in memory already',
	},
	memory: {
		fr: 'PSS du processus principal et de ceux qui sont venus avec lui, par conteneur, {idle} à la fois ; ni la mémoire du noyau, ni les démons',
		en: 'PSS of the main process and of those that came with it, per container, {idle} at a time; neither the kernel’s own memory nor daemons',
	},
	probe: {
		fr: 'essayé depuis l’intérieur, dans un conteneur comme l’outil le donne de lui-même',
		en: 'tried from inside, in a container as the tool gives it by itself',
	},
	status: { fr: 'lu de l’intérieur, dans /proc/self', en: 'read from inside, in /proc/self' },
	ordinaryUser: {
		fr: 'la même commande (ou celle qui est prévue pour cela) lancée par l’utilisateur {user}',
		en: 'the same command (or the one that is meant for it) started by the user {user}',
	},
	processes: { fr: 'les processus de ce nom qui tournaient', en: 'processes of that name that were running' },
	modes: { fr: 'droits des fichiers de ses programmes', en: 'modes of the files of its programs' },
	groups: { fr: '/proc/PID/cgroup du processus principal, vu de l’hôte', en: '/proc/PID/cgroup of the main process, seen from the host' },
	nested: {
		fr: 'apptainer exec, dans le conteneur, d’un dossier ; comme root, puis comme l’utilisateur 1000',
		en: 'apptainer exec, in the container, of a folder; as who one is there, then as user 1000',
	},
	image: {
		fr: 'une petite image de ce format a été donnée à l’outil, et démarrée',
		en: 'a small image of that format was given to the tool, and started',
	},
	commands: { fr: 'l’outil n’a pas de commande pour cela', en: 'the tool has no command for it' },
	features: { fr: 'ce que répond sa commande « features »', en: 'what its command “features” answers' },
} as const satisfies Record<string, Text>;
export type HowKey = keyof typeof hows;

export const reasons = {
	missing: { fr: 'pas sur cette machine : {packages}', en: 'not on this machine: {packages}' },
	onlyKubernetes: {
		fr: 'cette commande ne le lance pas : il ne parle que l’interface de Kubernetes (CRI), et n’est pas un paquet de Debian 12',
		en: 'not started by this command: it speaks Kubernetes’ interface (CRI) alone, and is no package of Debian 12',
	},
	virtualMachines: {
		fr: 'cette commande ne le lance pas : ses machines virtuelles demandent un noyau et une image à elles, et Debian n’en a pas de paquet',
		en: 'not started by this command: its virtual machines need a kernel and an image of their own, and Debian has no package of it',
	},
	wantsSetUp: {
		fr: 'cette commande ne le lance pas : son démon demande un stockage et un profil que quelqu’un a préparés',
		en: 'not started by this command: its daemon wants a store and a profile that somebody has set up',
	},
	noPackage: { fr: 'pas sur cette machine, et pas de paquet dans Debian 12', en: 'not on this machine, and no package of Debian 12' },
	rubbish: { fr: 'ne dit pas sa version : est-ce bien ce programme ?', en: 'does not say its version: is it what it should be?' },
	tooOld: { fr: 'trop ancien : la version {has}, il faut {least}', en: 'too old: version {has}, and {least} is needed' },
	hangs: { fr: 'n’a pas répondu en {seconds} s', en: 'did not answer within {seconds} s' },
	away: { fr: 'son démon ne répond pas', en: 'its daemon does not answer' },
	noStart: { fr: 'aucun conteneur n’a démarré', en: 'no container started' },
	ended: { fr: 'le conteneur s’est arrêté en route', en: 'the container ended on the way' },
	late: {
		fr: 'sa part du temps ({seconds} s en tout) était écoulée',
		en: 'its share of the time ({seconds} s in all) was over',
	},
	needsRoot: { fr: 'il faut être root pour le mesurer', en: 'measuring it needs root' },
	unreadable: { fr: 'ne se lit pas sur cette machine', en: 'cannot be read on this machine' },
	noTool: { fr: 'le système de fichiers essayé n’a pas {tool}', en: 'the root file system that was used has no {tool}' },
	notOfKernel: { fr: 'le noyau de cette machine ne l’a pas', en: 'the kernel of this machine has it not' },
	inChroot: {
		fr: 'c’est celui de l’image du cours, sans ses droits set-uid',
		en: 'it is the one in the course’s image, which has no set-uid bits',
	},
	noImage: { fr: 'l’image à essayer n’a pas pu être faite', en: 'the image to try it with could not be made' },
	notItsOwn: { fr: 'n’est pas un runtime OCI', en: 'is no OCI runtime' },
	failed: { fr: 'l’essai a échoué', en: 'the try failed' },
} as const satisfies Record<string, Text>;
export type ReasonKey = keyof typeof reasons;

export const answerWords = {
	yes: { fr: 'oui', en: 'yes' },
	no: { fr: 'non', en: 'no' },
	stopped: { fr: 'empêché', en: 'stopped' },
	open: { fr: 'possible', en: 'possible' },
} as const satisfies Record<string, Text>;

/** What can stand in the way of a probe. */
export const stoppers = {
	capability: { fr: 'capacité absente', en: 'capability missing' },
	seccomp: { fr: 'seccomp', en: 'seccomp' },
	userNamespace: { fr: 'espace de noms utilisateur', en: 'user namespace' },
	pidNamespace: { fr: 'espace de noms des PID', en: 'PID namespace' },
	networkNamespace: { fr: 'espace de noms du réseau', en: 'network namespace' },
	ownKernel: { fr: 'un noyau propre', en: 'a kernel of its own' },
	readOnly: { fr: 'monté en lecture seule', en: 'mounted read-only' },
	masked: { fr: 'masqué', en: 'masked' },
	ordinaryUser: { fr: 'utilisateur ordinaire', en: 'ordinary user' },
	noNewPrivileges: { fr: 'no_new_privs', en: 'no_new_privs' },
	deviceGroup: { fr: 'groupe de contrôle des périphériques, ou nodev', en: 'control group of devices, or nodev' },
	kernel: { fr: 'le noyau lui-même', en: 'the kernel itself' },
} as const satisfies Record<string, Text>;
export type Stopper = keyof typeof stoppers;

/** What a reader must know of one contender, or of one cell. */
export const notes = {
	noGroups: {
		fr: 'sans groupes de contrôle : il refuse ceux de cette machine',
		en: 'without control groups: it refuses those of this machine',
	},
	oldGroups: {
		fr: 'avec les groupes de contrôle v1 seuls : il refuse v2 à côté',
		en: 'with control groups v1 alone: it refuses v2 beside them',
	},
	withRunc: { fr: 'avec runc : son propre runtime refuse cette machine', en: 'with runc: its own runtime refuses this machine' },
	lowLimits: { fr: 'avec des limites plus basses de fichiers ouverts', en: 'with lower limits of open files' },
	ownSpec: { fr: 'configuration que donne sa commande « spec »', en: 'configuration as its command “spec” gives it' },
	etabli: { fr: 'avec les options des établis (--engine oci)', en: 'with the options of Établi’s sandboxes (--engine oci)' },
	fromCourse: {
		fr: 'celui de l’image du cours, dont les fichiers sont son système',
		en: 'the one in the course’s image, whose files are its system',
	},
	fromCourseAsUser: {
		fr: 'celui de l’image du cours, dont les fichiers sont son système ; comme utilisateur ordinaire (nobody)',
		en: 'the one in the course’s image, whose files are its system; as an ordinary user (nobody)',
	},
	asNobody: { fr: 'comme utilisateur ordinaire (nobody)', en: 'as an ordinary user (nobody)' },
	reference: { fr: 'référence : des espaces de noms neufs, rien d’autre', en: 'reference: fresh namespaces and nothing else' },
	hostNetwork: { fr: 'partage le réseau de l’hôte', en: 'shares the host’s network' },
	rootless: { fr: 'lancé sans root', en: 'started without root' },
	fewSamples: { fr: 'trop peu d’essais : c’est le plus lent', en: 'too few samples: it is the slowest' },
	asOther: { fr: 'comme utilisateur 1000', en: 'as user 1000' },
} as const satisfies Record<string, Text>;
export type NoteKey = keyof typeof notes;
