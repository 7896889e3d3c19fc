/** What each kind of condition asks, from the coarse to the fine, and what the learner is told when the answer is no. (Over 400 lines: one table of questions.) */
import type { Condition, ConditionKind, ConditionOf } from '../shared/course/conditions.ts';
import { kindOf } from '../shared/course/conditions.ts';
import { jobTrials } from './job-trials.ts';
import { quoted } from './shell-quote.ts';
import { plain, type Said, shown, type Trial, trial } from './trial.ts';

/** In the order in which they are asked: the first "no" is what the learner reads. Empty for a condition of no known kind. */
export function sentencesFor(condition: Condition): Trial[] {
	const kind = kindOf(condition);
	// Which function belongs to which kind is known to `makers`; that they are of one kind here, only to us.
	return kind ? (makers[kind] as (condition: Condition) => Trial[])(condition) : [];
}

const makers: { [K in ConditionKind]: (condition: ConditionOf<K>) => Trial[] } = {
	file: ({ file, contains = [], lacks = [], equals, same_as, mode, missing, fail }) => {
		const f = path(file);
		if (missing) return [gone(`! [ -e ${f} ]`, file)];
		const trials: Trial[] = [
			trial(
				`! dir_exists ${f}`,
				[`${file} est un dossier, et non un fichier : renommez-le (mv), puis faites le fichier.`],
				[`${file} is a folder, not a file: rename it (mv), then make the file.`],
			),
			// The author's own sentence stands for all of them.
			...(fail ? [] : astray(file)),
			trial(
				`file_exists ${f}`,
				[`Il n’y a pas encore de fichier ${file}${here(file).fr}.`],
				[`There is no file ${file}${here(file).en} yet.`],
			),
		];
		if (contains.length > 0 || (equals ?? '') !== '') {
			trials.push(trial(`[ -s ${f} ]`, [`${file} existe, mais il est vide.`], [`${file} exists, but it is empty.`]));
		}
		const begins: Said = { shell: `excerpt ${f}` };
		for (const regex of contains) {
			const word = plain(regex);
			const rest = [' ; il commence par « ', begins, ' ».'] as const;
			const restEn = ['; it begins with "', begins, '".'] as const;
			trials.push(
				trial(
					`file_contains ${f} ${quoted(regex)}`,
					[
						word
							? `${file} existe, mais ne contient pas encore « ${word} »`
							: `${file} existe, mais on n’y trouve pas encore ce qui est attendu`,
						...rest,
					],
					[
						word ? `${file} exists, but does not contain "${word}" yet` : `${file} exists, but what is expected is not in it yet`,
						...restEn,
					],
				),
			);
		}
		for (const regex of lacks) {
			const found: Said = { shell: `excerpt ${f} ${quoted(regex)}` };
			trials.push(
				trial(
					`! file_contains ${f} ${quoted(regex)}`,
					[`${file} contient « `, found, ' », qui ne devrait pas y être.'],
					[`${file} contains "`, found, '", which should not be there.'],
				),
			);
		}
		if (equals !== undefined) {
			const word = shown(equals.trim());
			trials.push(
				trial(
					`file_equals ${f} ${quoted(equals)}`,
					word
						? [`${file} contient « `, begins, ` », et non « ${word} ».`]
						: [`${file} ne contient pas exactement ce qui est attendu ; il commence par « `, begins, ' ».'],
					word
						? [`${file} contains "`, begins, `", not "${word}".`]
						: [`${file} does not hold exactly what is expected; it begins with "`, begins, '".'],
				),
			);
		}
		if (same_as !== undefined) {
			trials.push(
				trial(
					`file_exists ${path(same_as)}`,
					[`Il n’y a pas de fichier ${same_as}, que ${file} doit copier : faites-le d’abord.`],
					[`There is no file ${same_as}, of which ${file} is to be a copy: make that first.`],
				),
				trial(
					`same_content ${f} ${path(same_as)}`,
					[`${file} n’a pas le même contenu que ${same_as}.`],
					[`${file} has not the same content as ${same_as}.`],
				),
			);
		}
		return mode === undefined ? trials : [...trials, rights(f, file, mode)];
	},

	dir: ({ dir, mode, missing }) => {
		const d = path(dir);
		if (missing) return [gone(`! [ -e ${d} ]`, dir)];
		const trials = [
			trial(
				`! file_exists ${d}`,
				[`${dir} est un fichier, et non un dossier : renommez-le (mv), puis faites le dossier.`],
				[`${dir} is a file, not a folder: rename it (mv), then make the folder.`],
			),
			trial(
				`dir_exists ${d}`,
				[`Il n’y a pas encore de dossier ${dir}${here(dir).fr}.`],
				[`There is no folder ${dir}${here(dir).en} yet.`],
			),
		];
		return mode === undefined ? trials : [...trials, rights(d, dir, mode)];
	},

	ran: ({ ran, failed, after }) => {
		const regex = quoted(ran);
		const last: Said = { shell: `last_command ${regex}` };
		const word = plain(ran);
		const ofThem = word ? { fr: ` (« ${word} »)`, en: ` ("${word}")` } : { fr: '', en: '' };
		const never = trial(
			`ran_any ${regex}`,
			[`La commande attendue${ofThem.fr} n’a pas encore été lancée.`],
			[`The command that is expected${ofThem.en} has not been run yet.`],
		);
		if (failed) {
			return [
				never,
				trial(
					`has_failed ${regex}`,
					['« ', last, ' » s’est bien terminée : ici, c’est l’échec qui est à voir.'],
					['"', last, '" ended well: here the failure is what is to be seen.'],
				),
			];
		}
		const well = trial(
			`ran ${regex}`,
			['« ', last, ' » ne s’est pas bien terminée : lisez ce qu’elle a répondu, puis recommencez.'],
			['"', last, '" did not end well: read what it answered, then try again.'],
		);
		if (after === undefined) return [never, well];
		const first = plain(after);
		return [
			never,
			well,
			trial(
				`ran_after ${quoted(after)} ${regex}`,
				['« ', last, first ? ` » vient trop tôt : d’abord « ${first} ».` : ' » vient trop tôt : une autre commande doit la précéder.'],
				['"', last, first ? `" came too early: first "${first}".` : '" came too early: another command has to go before it.'],
			),
		];
	},

	printed: ({ printed, by }) => {
		const word = plain(printed);
		const what = word ? { fr: `« ${word} »`, en: `"${word}"` } : { fr: 'ce qui est attendu', en: 'what is expected' };
		if (by === undefined) {
			return [
				trial(`printed ${quoted(printed)}`, [`Aucune commande n’a encore affiché ${what.fr}.`], [`No command has printed ${what.en} yet.`]),
			];
		}
		const last: Said = { shell: `last_command ${quoted(by)}` };
		const name = plain(by);
		return [
			trial(
				`ran_any ${quoted(by)}`,
				[name ? `La commande « ${name} » n’a pas encore été lancée.` : 'La commande attendue n’a pas encore été lancée.'],
				[name ? `The command "${name}" has not been run yet.` : 'The command that is expected has not been run yet.'],
			),
			trial(
				`printed ${quoted(printed)} ${quoted(by)}`,
				['« ', last, ` » n’a pas affiché ${what.fr}.`],
				['"', last, `" has not printed ${what.en}.`],
			),
		];
	},

	process: ({ process, missing }) => {
		const regex = quoted(process);
		const found: Said = { shell: `which_process ${regex}` };
		const word = plain(process);
		if (missing)
			return [trial(`! process_runs ${regex}`, ['« ', found, ' » tourne encore : arrêtez-le.'], ['"', found, '" still runs: end it.'])];
		const name = word ? { fr: ` « ${word} »`, en: ` "${word}"` } : { fr: ' attendu', en: ' that is expected' };
		return [
			trial(
				`process_runs ${regex}`,
				[`Le programme${name.fr} ne tourne pas : lancez-le.`],
				[`The program${name.en} does not run: start it.`],
			),
		];
	},

	port: ({ port, answers, path: place = '/', missing }) => {
		if (missing)
			return [
				trial(
					`! port_open ${port}`,
					[`Un programme écoute encore sur le port ${port} : arrêtez-le.`],
					[`A program still listens on port ${port}: end it.`],
				),
			];
		const open = trial(
			`port_open ${port}`,
			[`Aucun programme n’écoute sur le port ${port} : lancez-le.`],
			[`No program listens on port ${port}: start it.`],
		);
		if (answers === undefined) return [open];
		const word = plain(answers);
		const said: Said = { shell: `port_says ${port} ${quoted(place)}` };
		return [
			open,
			trial(
				`port_answers ${port} ${quoted(answers)} ${quoted(place)}`,
				[`Le port ${port} répond « `, said, word ? ` », sans « ${word} ».` : ' » : ce n’est pas ce qui est attendu.'],
				[`Port ${port} answers "`, said, word ? `", without "${word}".` : '": that is not what is expected.'],
			),
		];
	},

	instance: ({ instance, from, missing }) => {
		const name = quoted(instance);
		if (missing) {
			return [
				trial(
					`! instance_running ${name}`,
					[`L’instance ${instance} tourne encore : arrêtez-la.`],
					[`The instance ${instance} still runs: stop it.`],
				),
			];
		}
		const running = trial(
			`instance_running ${name}`,
			[`Aucune instance du nom de ${instance} ne tourne : démarrez-la.`],
			[`No instance of the name ${instance} runs: start it.`],
		);
		if (from === undefined) return [running];
		const image: Said = { shell: `instance_image ${name}` };
		const base = quoted(from.replace(/^.*\//, ''));
		return [
			running,
			trial(
				`[ "$(instance_image ${name})" = ${base} ]`,
				[`L’instance ${instance} vient de `, image, `, et non de ${from} : arrêtez-la, et démarrez-la depuis ${from}.`],
				[`The instance ${instance} comes from `, image, `, not from ${from}: stop it, and start it from ${from}.`],
			),
		];
	},

	registry: ({ registry }) => [
		trial(
			`registry_has ${expanded(registry)}`,
			['Le registre n’a pas encore d’image ', { shell: `printf %s ${expanded(registry)}` }, '.'],
			['The registry has no image ', { shell: `printf %s ${expanded(registry)}` }, ' yet.'],
		),
	],

	job: jobTrials,

	// Which ones, only the lesson's texts tell: compileConditions is given them.
	quiz: () => [],

	sif: (condition) => {
		const { sif, label = {}, built_from, built_here, signed, at_most, arch, partitions } = condition;
		const f = path(sif);
		const trials = [
			trial(`file_exists ${f}`, [`Il n’y a pas encore d’image ${sif}${here(sif).fr}.`], [`There is no image ${sif}${here(sif).en} yet.`]),
			trial(
				`is_sif ${f}`,
				[`${sif} existe, mais ce n’est pas une image SIF complète : effacez ce fichier, puis refaites l’image.`],
				[`${sif} exists, but it is not a complete SIF image: delete that file, then make the image again.`],
			),
		];
		if (built_here) {
			trials.push(
				trial(
					`sif_built_here ${f}`,
					[`${sif} a été apportée toute faite : elle est à construire ici.`],
					[`${sif} was brought in ready-made: it is to be built here.`],
				),
			);
		}
		if (built_from !== undefined) {
			const definition = path(built_from);
			trials.push(
				trial(
					`file_exists ${definition}`,
					[`Il n’y a pas de recette ${built_from}${here(built_from).fr} : écrivez-la.`],
					[`There is no recipe ${built_from}${here(built_from).en}: write it.`],
				),
				trial(
					`sif_built_from ${f} ${definition}`,
					[`${sif} n’a pas été construite à partir de ${built_from} tel qu’il est maintenant : reconstruisez avec --force.`],
					[`${sif} was not built from ${built_from} as it is now: build again with --force.`],
				),
			);
		}
		for (const [key, regex] of Object.entries(label)) {
			const value: Said = { shell: `sif_label ${f} ${quoted(key)}` };
			const word = plain(regex);
			trials.push(
				trial(`[ -n "$(${value.shell})" ]`, [`${sif} n’a pas encore d’étiquette ${key}.`], [`${sif} has no label ${key} yet.`]),
				trial(
					`matches "$(${value.shell})" ${quoted(regex)}`,
					[`L’étiquette ${key} de ${sif} est « `, value, word ? ` », et non « ${word} ».` : ' » : ce n’est pas ce qui est attendu.'],
					[`The label ${key} of ${sif} is "`, value, word ? `", not "${word}".` : '": that is not what is expected.'],
				),
			);
		}
		for (const [part, french, english] of parts) {
			for (const regex of condition[part] ?? []) {
				const word = plain(regex);
				trials.push(
					trial(
						`matches "$(sif_${part} ${f})" ${quoted(regex)}`,
						[word ? `${french} de ${sif} ne contient pas « ${word} ».` : `${french} de ${sif} ne contient pas ce qui est attendu.`],
						[word ? `The ${english} of ${sif} does not contain "${word}".` : `The ${english} of ${sif} does not contain what is expected.`],
					),
				);
			}
		}
		if (arch !== undefined) {
			const found: Said = { shell: `sif_arch ${f}` };
			trials.push(
				trial(
					`[ "$(${found.shell})" = ${quoted(arch)} ]`,
					[`${sif} est faite pour `, found, `, et non pour ${arch}.`],
					[`${sif} is made for `, found, `, not for ${arch}.`],
				),
			);
		}
		if (partitions !== undefined) {
			const found: Said = { shell: `sif_partitions ${f}` };
			trials.push(
				trial(
					`[ "$(${found.shell})" -eq ${partitions} ]`,
					[`${sif} contient `, found, ` système(s) de fichiers, et non ${partitions}.`],
					[`${sif} holds `, found, ` file system(s), not ${partitions}.`],
				),
			);
		}
		if (at_most !== undefined) {
			const found: Said = { shell: `readable_size "$(sif_size ${f})"` };
			const limit: Said = { shell: `readable_size ${at_most}` };
			trials.push(
				trial(
					`[ "$(sif_size ${f})" -le ${at_most} ]`,
					[`${sif} pèse `, found, ' ; elle doit peser au plus ', limit, '.'],
					[`${sif} weighs `, found, '; it is to weigh ', limit, ' at most.'],
				),
			);
		}
		return signed === undefined ? trials : [...trials, ...signature(f, sif, signed)];
	},
};

const parts = [
	['definition', 'La définition', 'definition'],
	['runscript', 'Le runscript', 'runscript'],
	['environment', 'L’environnement', 'environment'],
	['test', 'Le test', 'test'],
	['help', 'L’aide', 'help'],
] as const;

function signature(f: string, sif: string, signed: true | string): Trial[] {
	const some = [
		trial(
			`sif_signed ${f}`,
			[`${sif} n’est pas encore signée : apptainer sign le fait.`],
			[`${sif} is not signed yet: apptainer sign does it.`],
		),
		trial(
			`sif_verified ${f}`,
			[
				`${sif} porte une signature, mais elle ne se vérifie pas : modifiée depuis, ou d’une clé inconnue ici. Signez-la de nouveau, ou importez la clé.`,
			],
			[`${sif} carries a signature, but it cannot be verified: changed since, or of a key unknown here. Sign it again, or import the key.`],
		),
	];
	if (signed === true) return some;
	const by: Said = { shell: `sif_signers ${f} | paste -sd ' '` };
	const key = signed.toUpperCase();
	return [
		...some,
		trial(
			`sif_verified ${f} ${key}`,
			[`${sif} est signée par `, by, `, et non par ${key}.`],
			[`${sif} is signed by `, by, `, not by ${key}.`],
		),
	];
}

function rights(f: string, name: string, mode: string): Trial {
	const found: Said = { shell: `stat -c %a -- ${f}` };
	return trial(
		`file_mode ${f} ${mode}`,
		[`Les droits de ${name} sont `, found, `, et non ${mode} : changez-les par chmod.`],
		[`The rights of ${name} are `, found, `, not ${mode}: change them by chmod.`],
	);
}

const gone = (test: string, name: string) =>
	trial(test, [`${name} est encore là : effacez-le, ou déplacez-le.`], [`${name} is still there: delete it, or move it away.`]);

/** A path as a word of the shell: ~/ is the learner's home; a name that begins with a hyphen is no option. */
function path(text: string): string {
	if (text === '~' || text.startsWith('~/')) return `"$HOME"${quoted(text.slice(1))}`;
	return quoted(text.startsWith('-') ? `./${text}` : text);
}

/** A name of the registry, in which $LEARNER is the learner's. */
const expanded = (name: string) => name.split('$LEARNER').map(quoted).join('"$LEARNER"');

/** Made in another folder: the commonest slip of all, and "there is no such file" would not tell it. */
function astray(file: string): Trial[] {
	if (/[/~]/.test(file)) return [];
	const place: Said = { shell: `strayed ${path(file)}` };
	const lesson: Said = { shell: 'lesson_folder' };
	return [
		trial(
			`[ -z "$(strayed ${path(file)})" ]`,
			['`', place, '` n’est pas dans le dossier de la leçon : `cd ', lesson, '`, puis refaites-le.'],
			['`', place, "` is not in the lesson's folder: `cd ", lesson, '`, then make it again.'],
		),
	];
}
const here = (name: string) =>
	name.includes('/') ? { fr: '', en: '' } : { fr: ' dans le dossier de la leçon', en: " in the lesson's folder" };
