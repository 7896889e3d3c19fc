/** The file of the operator's cluster profile. */
import { readFileSync } from 'node:fs';
import { type ClusterProfile, clusterProfileSchema } from '../shared/course/cluster-profile.ts';
import { formatProblems } from './problem.ts';
import { parseYaml } from './yaml-file.ts';

/** Bytes that are read: names of one cluster are a page at most. */
const largest = 64 * 1024;

/** @throws Error with every mistake in the file, line by line; of the file system when it cannot be read */
export function readClusterProfile(path: string): ClusterProfile {
	const bytes = readFileSync(path);
	if (bytes.length > largest)
		throw new Error(`${path} has ${bytes.length} bytes; a cluster profile has ${largest} at most.\n  → Give the file with the names.`);
	const { value, problems } = parseYaml(path, bytes.toString('utf8'), clusterProfileSchema);
	if (!value) throw new Error(formatProblems(problems));
	return value;
}
