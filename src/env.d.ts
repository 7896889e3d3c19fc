declare module 'virtual:etabli/courses' {
	export const courses: import('./site/catalogue.ts').CatalogueCourse[];
	/** Where the courses lie. */
	export const coursePlaces: import('./courses/places.ts').CoursePlace[];
}

declare module '*.css?inline' {
	const text: string;
	export default text;
}
