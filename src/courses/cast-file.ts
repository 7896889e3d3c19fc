/** Recordings of terminals that a lesson shows: casts/NAME.cast in its folder, as asciinema writes them. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Cast, readCast } from '../shared/cast.ts';
import { nearest } from '../shared/nearest.ts';
import { type FileFault, readCourseFile } from './course-file.ts';

/** A cast's bytes: minutes of a shell have some tens of thousands. */
const largest = 512 * 1024;
const ending = '.cast';

export const castPath = (folder: string, name: string): string => join(folder, 'casts', `${name}${ending}`);

/** @param folder of the lesson. @returns the cast, or what is wrong with it as a part of a text */
export function readCastFile(folder: string, name: string): { cast: Cast } | { fault: FileFault } {
	const fault = (what: string, remedy: string) => ({ fault: { what, remedy } });
	if (!/^[a-z0-9-]+$/.test(name))
		return fault(`"${name}" is no name of a cast.`, 'Use small letters, digits and hyphens; the ending is left out.');
	const path = castPath(folder, name);
	const stat = statSync(path, { throwIfNoEntry: false });
	const file = `casts/${name}${ending}`;
	if (stat && stat.size > largest) {
		const remedy = 'Record less at once, or leave out what programs draw again and again (`--quiet`, `--no-progress`).';
		return fault(`${file} has ${Math.round(stat.size / 1024)} KiB; ${largest / 1024} are the most.`, remedy);
	}
	const read = readCourseFile(path);
	if (!read) {
		const there = castNames(folder);
		const meant = nearest(name, there) ?? there[0];
		return fault(
			`There is no file ${file} in the lesson’s folder.`,
			meant ? `Write name="${meant}", or record it.` : `Record it: asciinema rec ${file}`,
		);
	}
	if ('fault' in read) return fault(`${file}: ${read.fault.what}`, read.fault.remedy);
	const cast = readCast(read.text);
	if ('fault' in cast) return fault(`${file}, line ${cast.fault.line}: ${cast.fault.what}`, cast.fault.remedy);
	return { cast };
}

/** Of what is there, sorted. */
export function castNames(folder: string): string[] {
	const casts = join(folder, 'casts');
	if (!existsSync(casts)) return [];
	return readdirSync(casts)
		.filter((name) => name.endsWith(ending) && !name.startsWith('.'))
		.map((name) => name.slice(0, -ending.length))
		.sort();
}
