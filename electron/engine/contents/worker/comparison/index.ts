export { aspectsOf, compareTrees } from './compareTrees';
export { type ComparisonQuery, Comparisons, type ComparisonTreeQuery } from './comparisons';
export { comparePackages } from './packageDifferences';
export { textHunks } from './textHunks';
