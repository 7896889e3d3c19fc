/** How an image is run: where, and what one types. */
import { imageFile, lastPart } from '../shared/image-file.ts';
import type { CourseImage } from '../shared/protocol/images.ts';

export interface Run {
	where: 'here' | 'apptainer' | 'docker' | 'podman';
	lines: string[];
}

/** @returns first where its course is, then with the file that it can be had as */
export function runsOf({ name, command }: Pick<CourseImage, 'name' | 'command'>): Run[] {
	const file = imageFile(name);
	// As `apptainer pull` names it.
	const sif = `${lastPart(name).replace(':', '_')}.sif`;
	// An image that runs a shell by itself waits for somebody to type.
	const run = isShell(command) ? 'shell' : 'run';
	const terminal = run === 'shell' ? ' -it' : '';
	return [
		{ where: 'here', lines: [`apptainer pull docker://localhost:5000/${name}`, `apptainer ${run} ${sif}`] },
		{ where: 'apptainer', lines: [`apptainer build ${sif} docker-archive:${file}`, `apptainer ${run} ${sif}`] },
		{ where: 'docker', lines: [`docker load -i ${file}`, `docker run --rm${terminal} ${name}`] },
		// Podman puts names without a registry under localhost/.
		{ where: 'podman', lines: [`podman load -i ${file}`, `podman run --rm${terminal} localhost/${name}`] },
	];
}

function isShell(command: readonly string[]): boolean {
	return command.length === 1 && /(^|\/)(ba|da|z)?sh$/.test(command[0] ?? '');
}
