/** The commands of `etabli` with their options. Imports no packages: it must work before they are installed. (Over 400 lines: a table.) */
import { configFileOption, type Option, options } from '../options.ts';
import type { Arguments, Flag } from './arguments.ts';

export interface Command {
	name: string;
	/** One line for the list of commands. */
	summary: string;
	/** How it is typed. */
	usage: string;
	/** Paragraph for its own help. */
	about: string;
	flags: readonly Flag[];
	/** Words that it accepts besides options. */
	maxWords: number;
	/** @returns exit status */
	load: () => Promise<(args: Arguments) => Promise<number>>;
}

const config: Flag = { ...configFileOption, type: 'string' };
const verbose: Flag = { flag: '--verbose', type: 'boolean', description: 'Show everything that the programs behind each step say.' };

/** Those of the options of `up`. */
function pick(...names: Option['name'][]): Option[] {
	return options.filter((option) => names.includes(option.name));
}

export const commands: readonly Command[] = [
	{
		name: 'up',
		summary: 'Prepare this machine and serve the courses.',
		usage: './etabli up [options]',
		about:
			'Brings what is missing, builds what has changed, and serves the courses until Ctrl-C. It can be interrupted at any point and run again.\nEach option can also be given by its environment variable, or in the configuration file.',
		flags: [...options, config, verbose],
		maxWords: 0,
		load: async () => (await import('./up.ts')).up,
	},
	{
		name: 'down',
		summary: 'Stop a running server and take away what it left behind.',
		usage: './etabli down [options]',
		about:
			'Stops the server of this data folder, its sandboxes, its registry, and the container engine if etabli started it. Progress and learners’ files are kept; where files could not be kept, the sandbox is left, which is said.',
		flags: [
			{ flag: '--lose-files', type: 'boolean', description: 'End also sandboxes of learners whose files no server has kept.' },
			...pick('data', 'engine', 'kubernetes'),
			config,
			verbose,
		],
		maxWords: 0,
		load: async () => (await import('./down.ts')).down,
	},
	{
		name: 'status',
		summary: 'Say how a running server stands: sandboxes, queue, pools, learners.',
		usage: './etabli status [options]',
		about: 'Asks the server of this data folder. Learners are named by their names in the registry.',
		flags: [{ flag: '--json', type: 'boolean', description: 'As JSON.' }, ...pick('data'), config],
		maxWords: 0,
		load: async () => (await import('./operate.ts')).status,
	},
	{
		name: 'pool',
		summary: 'Tell a running server how many sandboxes to keep ready.',
		usage: './etabli pool COURSE N|auto [options]',
		about:
			'Holds until another order, --until, or the end of the server; "auto" is what course.yaml says (pool, warm). Sandboxes above the number that nobody has are put away. Times are those of the next such hour on this machine.',
		flags: [
			{ flag: '--from', type: 'string', value: 'HH:MM', description: 'Begin then.', defaultText: 'at once' },
			{
				flag: '--until',
				type: 'string',
				value: 'HH:MM',
				description: 'Go back to what course.yaml says then.',
				defaultText: 'another order',
			},
			...pick('data'),
			config,
		],
		maxWords: 2,
		load: async () => (await import('./operate.ts')).pool,
	},
	{
		name: 'trainer',
		summary: 'Let a trainer in, once, or take one away.',
		usage: './etabli trainer add NAME\n       ./etabli trainer remove NAME [options]',
		about:
			'"add" prints a link that lets one browser in, once, within a week; again for the same name, it is the same trainer in another browser. No password is stored. "remove" signs them out everywhere. The server need not run.',
		flags: [{ flag: '--json', type: 'boolean', description: 'As JSON.' }, ...pick('host', 'port', 'publicUrl', 'data'), config],
		maxWords: 6,
		load: async () => (await import('./people.ts')).trainer,
	},
	{
		name: 'room',
		summary: 'Make, open, close, copy, list or erase rooms of trainers’ classes, and take their results.',
		usage:
			'./etabli room [list]\n       ./etabli room create COURSE TITLE [options]\n       ./etabli room open|close|copy|erase ROOM [options]\n       ./etabli room roster ROOM [--roster-from-lti COURSE] [--yes]\n       ./etabli room results ROOM [--as csv|json|xapi|steps|cards] > FILE',
		about:
			'People join an open room by its code of six letters and digits. What is known of a room is erased 30 days after its end, or with "erase". "roster" takes the list of names anew from the course of the learning platform that it is from, after showing what changes. The server need not run.',
		flags: [
			{ flag: '--starts', type: 'string', value: '"YYYY-MM-DD HH:MM"', description: 'When it begins.', defaultText: 'the next full hour' },
			{ flag: '--hours', type: 'number', value: 'N', description: 'How long it is.', defaultText: '3' },
			{ flag: '--expected', type: 'number', value: 'N', description: 'People who are expected.', defaultText: '20' },
			{ flag: '--hand-looks', type: 'boolean', description: 'A raised hand is leave to look at the terminal; everybody is told.' },
			{ flag: '--lesson', type: 'list', value: 'LESSON', description: 'One of its lessons; again for more.', defaultText: 'all' },
			{
				flag: '--names',
				type: 'string',
				value: 'FILE',
				description: 'List of names that people pick theirs from.',
				defaultText: 'they type it',
			},
			{
				flag: '--roster-from-lti',
				type: 'string',
				value: 'PLATFORM/ID',
				description: 'Take that list from a course of a learning platform (./etabli lti says which).',
				defaultText: 'for "roster": where it is from',
			},
			{ flag: '--yes', type: 'boolean', description: 'Take that list without asking.' },
			{ flag: '--as', type: 'string', value: 'KIND', description: 'Which results: csv, json, xapi, steps or cards.', defaultText: 'csv' },
			{ flag: '--language', type: 'string', value: 'fr|en', description: 'Of tables.', defaultText: 'fr' },
			{ flag: '--json', type: 'boolean', description: 'As JSON.' },
			...pick('host', 'port', 'publicUrl', 'data', 'courses'),
			config,
		],
		maxWords: 12,
		load: async () => (await import('./people.ts')).room,
	},
	{
		name: 'people',
		summary: 'Say what this server has of one person, or erase all of it.',
		usage: './etabli people show NAME [options]\n       ./etabli people erase NAME [--end] [--yes] [options]',
		about:
			'NAME is that of an account, of a person in a room, or one such as learner-7f3a9c; where several have it, they are told apart. "erase" says what there is, asks, and erases it for ever: files, progress, commands, results, certificates, accounts, sessions. Refused while they have something open, unless --end is given. docs/operator/data-protection.md tells more.',
		flags: [
			{ flag: '--end', type: 'boolean', description: 'End what they have open; nothing of it is kept.' },
			{ flag: '--yes', type: 'boolean', description: 'Erase without asking.' },
			{ flag: '--json', type: 'boolean', description: 'What there is, as JSON.' },
			...pick('data'),
			config,
		],
		maxWords: 7,
		load: async () => (await import('./person.ts')).people,
	},
	{
		name: 'lti',
		summary: 'Let courses of a learning platform (Moodle, …) open lessons, and get their scores.',
		usage:
			'./etabli lti [list]\n       ./etabli lti invite NAME [options]\n       ./etabli lti add NAME --moodle URL --client-id ID --deployment ID [options]\n       ./etabli lti remove NAME [options]',
		about:
			'LTI 1.3. "list" says which addresses are registered at the platform, and which platforms are registered here. "invite" makes a link by which a platform registers itself (dynamic registration), once, within a day; "add" registers one by hand, and again, for the same name, changes what is given. The server need not run. docs/operator/lti.md goes through it.',
		flags: [
			{ flag: '--moodle', type: 'string', value: 'URL', description: 'Address of a Moodle, from which its other addresses follow.' },
			{ flag: '--issuer', type: 'string', value: 'ID', description: 'Platform ID, as it calls itself.', defaultText: 'that of --moodle' },
			{ flag: '--client-id', type: 'string', value: 'ID', description: 'What the platform calls this server.' },
			{ flag: '--deployment', type: 'string', value: 'ID[,…]', description: 'Deployment IDs from which launches are taken.' },
			{ flag: '--auth-url', type: 'string', value: 'URL', description: 'Authentication request URL.', defaultText: 'that of --moodle' },
			{ flag: '--token-url', type: 'string', value: 'URL', description: 'Access token URL.', defaultText: 'that of --moodle' },
			{ flag: '--keys-url', type: 'string', value: 'URL', description: 'Public keyset URL.', defaultText: 'that of --moodle' },
			{ flag: '--json', type: 'boolean', description: 'As JSON.' },
			...pick('host', 'port', 'publicUrl', 'data'),
			config,
		],
		maxWords: 2,
		load: async () => (await import('./lti.ts')).lti,
	},
	{
		name: 'events',
		summary: 'Say what happened: who got a sandbox, why it went, who was turned away.',
		usage: './etabli events [options]',
		about: 'Prints the newest lines of logs/events.log in the data folder. Learners are named by their names in the registry.',
		flags: [{ flag: '--lines', type: 'number', value: 'N', description: 'So many lines.', defaultText: '200' }, ...pick('data'), config],
		maxWords: 0,
		load: async () => (await import('./events.ts')).events,
	},
	{
		name: 'doctor',
		summary: 'Check this machine and say how to mend what is wrong.',
		usage: './etabli doctor [options]',
		about: 'Changes nothing. Its exit status is 1 when something would keep the courses from working.',
		flags: [...pick('host', 'port', 'publicUrl', 'data', 'engine', 'kubernetes', 'uids', 'sso', 'clusterProfile'), config],
		maxWords: 0,
		load: async () => (await import('./doctor.ts')).doctor,
	},
	{
		name: 'test',
		summary: 'Run the tests.',
		usage: './etabli test [suite | part of a file name] [options]',
		about:
			'Installs what the tests need, then runs: types, lint, imports, unit, contract, integration, security, faults, kubernetes, e2e. A suite’s name runs that suite; any other word runs the test files whose path contains it.',
		flags: [
			...pick('trust', 'engine', 'mirror', 'yes'),
			{ flag: '--install', type: 'boolean', default: true, description: 'Install missing packages; --no-install: use what is there.' },
			{
				flag: '--parallel',
				type: 'number',
				value: 'N',
				default: 2,
				description: 'How many files of contract, integration and security, and how many tests in the browser, run at a time.',
			},
			verbose,
		],
		maxWords: 1,
		load: async () => (await import('./test.ts')).test,
	},
	{
		name: 'dev',
		summary: 'Like up, for authors: pages and checks change as files are saved.',
		usage: './etabli dev [options]',
		about:
			'Serves like up; a saved text shows at once, and so does a saved check, solution, reset or setup. What checks say, and how a broken one ended, is told in the terminal. Needs the development packages.',
		flags: [...options, config, verbose],
		maxWords: 0,
		load: async () => (await import('./dev.ts')).dev,
	},
	{
		name: 'new',
		summary: 'Make a course, or a lesson in it: a working example to start from.',
		usage: './etabli new course NAME [--cluster]\n       ./etabli new lesson COURSE NAME [--cluster]',
		about:
			'Makes a commented example of two steps, in both languages, with checks, hints, solutions and resets. It is proved as it is: change it bit by bit. Lessons are numbered by themselves; nothing that exists is touched: what a lesson with a cluster needs in the course’s image, it says.',
		flags: [
			{
				flag: '--cluster',
				type: 'boolean',
				description: 'An example with a Slurm cluster for each learner: a first job, and an array of jobs.',
			},
			...pick('courses'),
			config,
			verbose,
		],
		maxWords: 3,
		load: async () => (await import('./new.ts')).newPart,
	},
	{
		name: 'lint',
		summary: 'Say every mistake of the courses that can be seen without playing them.',
		usage: './etabli lint [course] [options]',
		about:
			'Looks at the settings, both languages, links, images, headings, commands and scripts of every course, and tells all problems in one run. Its exit status is 1 when there is an error; warnings are worth a look.',
		flags: [{ flag: '--json', type: 'boolean', description: 'As JSON, for other programs.' }, ...pick('courses'), config, verbose],
		maxWords: 1,
		load: async () => (await import('./lint.ts')).lint,
	},
	{
		name: 'prove',
		summary: 'Play lessons in real sandboxes: every check must fail before its step, and pass after it.',
		usage: './etabli prove [course | course/lesson] [options]',
		about:
			'Plays each lesson in fresh sandboxes, in both languages, by its solutions and by the run blocks of its text, on a server of its own. Every check must fail before and pass after; a second run of the solution must change nothing, a reset must bring the check back to failing. Its exit status is 1 when a step is at fault. docs/author/commands.md tells more.',
		flags: [
			{ flag: '--language', type: 'string', value: 'fr|en', description: 'One language only.', defaultText: 'both' },
			{
				flag: '--parallel',
				type: 'number',
				value: 'N',
				description: 'How many sandboxes play at a time.',
				defaultText: 'two for each processor, 8 at most',
			},
			{ flag: '--junit', type: 'string', value: 'FILE', description: 'Write the results as JUnit XML too.' },
			{ flag: '--json', type: 'string', value: 'FILE', description: 'Write the results as JSON too.' },
			{
				flag: '--address',
				type: 'string',
				value: 'URL',
				description: 'Play on a server that runs already, such as http://127.0.0.1:8080.',
			},
			{ flag: '--data', type: 'string', value: 'DIR', default: '.etabli/prove', description: 'Data folder of its own server.' },
			...pick('courses', 'clusterProfile', 'trust', 'engine', 'kubernetes', 'mirror', 'maxSandboxes', 'yes'),
			config,
			verbose,
		],
		maxWords: 1,
		load: async () => (await import('./prove.ts')).prove,
	},
	{
		name: 'push-images',
		summary: 'Build the images of courses, server and node agent and push them to a registry, for a Kubernetes cluster.',
		usage: './etabli push-images --to REGISTRY [options]',
		about:
			'Builds what has changed with the engine of this machine, pushes it, and prints the values with which the chart installs just that. The courses, the statement of accessibility and the cluster profile are part of the server’s image. Who may push is known from the file in which "docker login" or "podman login" has put it; credential helpers are not asked. docs/operator/kubernetes.md tells more.',
		flags: [
			{ flag: '--to', type: 'string', value: 'REGISTRY', description: 'Where they go, such as registry.example.org/etabli.' },
			{ flag: '--values', type: 'string', value: 'FILE', description: 'Write the values into this file.', defaultText: 'they are printed' },
			{ flag: '--plain-http', type: 'boolean', description: 'The registry has no TLS.' },
			{ flag: '--data', type: 'string', value: 'DIR', default: '.etabli', description: 'Data folder in which they are prepared.' },
			...pick('courses', 'trust', 'accessibility', 'clusterProfile', 'engine', 'mirror', 'yes'),
			config,
			verbose,
		],
		maxWords: 0,
		load: async () => (await import('./push-images.ts')).pushImages,
	},
	{
		name: 'export',
		summary: 'Put courses and all that they need into one file, for a machine without internet.',
		usage: './etabli export FILE [options]',
		about:
			'Builds what has changed, then writes one archive: Établi itself with its Node.js and packages, images, pages, courses. On the other machine, of the same kind and with a container engine, "tar -xf FILE etabli", "etabli/etabli import FILE" and "etabli/etabli up" need no network. docs/operator/offline.md tells more.',
		flags: [
			{
				flag: '--course',
				type: 'list',
				value: 'NAME',
				description: 'Only this course; can be given several times.',
				defaultText: 'all of them',
			},
			{ flag: '--data', type: 'string', value: 'DIR', default: '.etabli/export', description: 'Data folder in which it is prepared.' },
			...pick('courses', 'trust', 'engine', 'mirror', 'yes'),
			config,
			verbose,
		],
		maxWords: 1,
		load: async () => (await import('./export.ts')).exportFile,
	},
	{
		name: 'import',
		summary: 'Take in what ./etabli export has put into a file, or scenarios of Killercoda.',
		usage: './etabli import FILE [options]\n       ./etabli import killercoda DIR [options]',
		about:
			'FILE: checks the whole archive, loads its images into the engine, and puts its courses and pages in their place; afterwards ./etabli up has nothing to fetch or to build. Nothing is half imported: an archive that is damaged, incomplete, or for another kind of machine is refused.\nkillercoda DIR: makes courses of Killercoda or Katacoda scenarios. DIR is one scenario (it holds index.json), or a repository with many: those of one folder become one course, with a lesson each. Says what came over of each scenario, what did not, and why. When a scenario has a mistake, every mistake is told and nothing is written. docs/author/import.md tells more.\nThe options from --into to --json are for scenarios.',
		flags: [
			{ flag: '--into', type: 'string', value: 'FOLDER', defaultText: 'the courses', description: 'Folder in which the courses are made.' },
			{ flag: '--course', type: 'string', value: 'NAME', defaultText: 'the name of DIR', description: 'Name of the course.' },
			{ flag: '--language', type: 'string', value: 'fr|en', default: 'en', description: 'Language that the scenarios are written in.' },
			{ flag: '--force', type: 'boolean', description: 'Take the place of courses of the same name.' },
			{ flag: '--skip-broken', type: 'boolean', description: 'Leave scenarios with mistakes out, and import the others.' },
			{ flag: '--json', type: 'boolean', description: 'The report as JSON.' },
			...pick('data', 'courses', 'engine', 'yes'),
			config,
			verbose,
		],
		maxWords: 2,
		load: async () => (await import('./import.ts')).importPart,
	},
	{
		name: 'bench',
		summary: 'Measure this machine: starts, echo, output, memory, each against a reference in the same run.',
		usage: './etabli bench [measure ...] [options]',
		about:
			'Measures: start, class, echo, bulk, browser, page, editor, preview, interrupt, verdict, memory, typists, follow, cockpit, idle, engines, cluster, kubernetes; all of them if none is named (kubernetes with --kubernetes alone, beside the engine of this machine), which takes long: name those that you need. Prints tables: the figure, a reference measured in the same run, their ratio, the target. Runs servers of its own; one that is up is not touched, but shares the machine. Its exit status is 1 when a target is missed or a figure could not be taken. docs/performance.md has the figures of one machine.',
		flags: [
			{ flag: '--quick', type: 'boolean', description: 'A moment’s look with few samples: shows that everything can be measured.' },
			{ flag: '--json', type: 'string', value: 'FILE', description: 'Write everything as JSON too.' },
			{ flag: '--markdown', type: 'boolean', description: 'Print the tables as Markdown.' },
			{ flag: '--data', type: 'string', value: 'DIR', default: '.etabli/bench', description: 'Data folder for what is prepared.' },
			...pick('courses', 'trust', 'engine', 'kubernetes', 'mirror', 'yes'),
			config,
			verbose,
		],
		maxWords: 20,
		load: async () => (await import('./measure.ts')).measure,
	},
	{
		name: 'compare',
		summary: 'Compare the container runtimes and engines of this machine.',
		usage: './etabli compare [runtime ...] [options]',
		about:
			'Runs the same steps and probes on each that is here: unshare (the reference), docker, podman, containerd, runc, crun, youki, runsc, etabli, apptainer, apptainer-containall, bubblewrap, lxc. Says how fast they start, what work costs, memory, which probes are stopped and by what, which images they take, which rights they need; and of what could not be run, why. Takes up to five minutes, root for all of it, installs and builds nothing, leaves nothing running. Saves comparison/comparison.md and .json in the data folder, of which the next ./etabli up makes a page. Its exit status is 1 when nothing could be compared, or something was left behind. docs/operator/comparison.md tells more.',
		flags: [
			{ flag: '--quick', type: 'boolean', description: 'A moment’s look with few samples: shows that everything can be measured.' },
			{
				flag: '--rootfs',
				type: 'string',
				value: 'DIR',
				description: 'Root file system that all of them get.',
				defaultText: 'that of the first course’s image, else a few programs of this machine',
			},
			...pick('data', 'courses', 'engine'),
			config,
			verbose,
		],
		maxWords: 20,
		load: async () => (await import('./compare.ts')).compare,
	},
	{
		name: 'rehearse',
		summary: 'Play tomorrow’s class today: will this machine hold it?',
		usage: './etabli rehearse --learners N [options]',
		about:
			'Plays a class with the real lessons and their solutions: people who come within a minute, think, type, wait for green steps; some reload, have two tabs or leave without a word, one floods the terminal, one attacks. It works faster than people do: all lessons of the course are spread over the given minutes. Says what learners would have noticed, what the machine had left, and in one sentence whether it holds. Its exit status is 1 when it does not.\nWith --hostile the class is played twice, the second time with some who do the worst they can: floods of output, stopped programs, many open files, full homes, resets, pages left open. Says whether the others lost a file, failed a step or typed more slowly. With --room the class has trainers and helpers: it joins by a code, hands go up, terminals are looked at with leave, everybody follows the trainer, some leave and come back. docs/operator/sizing.md tells more.',
		flags: [
			{ flag: '--learners', type: 'number', value: 'N', default: 20, description: 'How many learners.' },
			{
				flag: '--minutes',
				type: 'number',
				value: 'M',
				defaultText: '5; with --hostile twice 10',
				description: 'How long the class lasts.',
			},
			{ flag: '--hostile', type: 'boolean', description: 'Play it once without, once with hostile learners, and compare.' },
			{
				flag: '--hostile-learners',
				type: 'number',
				value: 'N',
				defaultText: 'one of eight',
				description: 'How many of the learners are hostile.',
			},
			{ flag: '--room', type: 'boolean', description: 'Play it in a room, with trainers and helpers.' },
			{ flag: '--trainers', type: 'number', value: 'N', default: 2, description: 'Trainers of the room.' },
			{ flag: '--helpers', type: 'number', value: 'N', default: 3, description: 'Helpers of the room.' },
			{
				flag: '--trainer',
				type: 'string',
				value: 'LINK',
				description: 'Link of ./etabli trainer add, by which a room is opened at --address.',
			},
			{ flag: '--json', type: 'boolean', description: 'Say the result as JSON.' },
			{ flag: '--course', type: 'string', value: 'NAME', defaultText: 'the first', description: 'Course that they do.' },
			{
				flag: '--address',
				type: 'string',
				value: 'URL',
				description: 'Play against a server that runs already, such as http://127.0.0.1:8080.',
			},
			{ flag: '--data', type: 'string', value: 'DIR', default: '.etabli/rehearse', description: 'Data folder of its own server.' },
			...pick('courses', 'trust', 'engine', 'kubernetes', 'mirror', 'maxSandboxes', 'yes'),
			config,
			verbose,
		],
		maxWords: 0,
		load: async () => (await import('./rehearse.ts')).rehearse,
	},
];
