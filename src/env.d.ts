declare module 'virtual:etabli/courses' {
	export const courses: import('./site/catalogue.ts').CatalogueCourse[];
	/** Where the courses lie. */
	export const courseFolders: import('./courses/folders.ts').CourseFolder[];
}

declare module 'virtual:etabli/accessibility' {
	export const accessibility: import('./courses/accessibility.ts').Accessibility | undefined;
}

declare module 'virtual:etabli/cluster-profile' {
	export const clusterProfile: import('./shared/course/cluster-profile.ts').ClusterProfile | undefined;
}

declare module 'virtual:etabli/comparison' {
	export const comparison: import('./shared/comparison/comparison.ts').Comparison | undefined;
}

declare module '*.css?inline' {
	const text: string;
	export default text;
}

/** What is used of it: its own declarations are part of the package, and say the same. */
declare module 'asciinema-player' {
	export interface Player {
		play(): Promise<unknown>;
		pause(): Promise<unknown>;
		/** To so many seconds. */
		seek(to: number): Promise<unknown>;
		/** Seconds. */
		getCurrentTime(): number;
		/** Seconds; undefined before the recording has been read. */
		getDuration(): number | undefined;
		addEventListener(name: 'play' | 'playing' | 'pause' | 'ended', told: () => void): void;
		dispose(): void;
	}
	export interface Options {
		autoPlay: boolean;
		preload: boolean;
		startAt: number;
		poster: string;
		idleTimeLimit: number;
		controls: boolean;
		fit: 'width';
		theme: string;
		terminalFontFamily: string;
		cursorMode: 'blinking' | 'steady';
	}
	export function create(source: { data: string }, place: HTMLElement, options: Options): Player;
}
