/** Podman writes a registry before names that have none, in its answers and in archives: its own machine, or the one that Docker takes for granted. */
export function shortName(name: string): string {
	return name.replace(/^(?:localhost|docker\.io(?:\/library)?)\//, '');
}
