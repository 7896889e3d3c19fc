declare module 'virtual:etabli/courses' {
	export const courses: import('./site/catalogue.ts').CatalogueCourse[];
	/** Absolute path of the courses. */
	export const coursesFolder: string;
}

declare module '*.css?inline' {
	const text: string;
	export default text;
}
