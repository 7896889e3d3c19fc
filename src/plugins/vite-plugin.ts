/** The part of Vite's plugin interface that is used here: Vite itself is Astro's dependency, not ours. */
export interface VitePlugin {
	name: string;
	enforce?: 'pre' | 'post';
	resolveId?: (id: string) => string | undefined;
	load?: (id: string) => string | undefined;
	transform?: (this: { addWatchFile(path: string): void }, code: string, id: string) => { code: string; map: null } | undefined;
}
