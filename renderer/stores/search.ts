import { create } from 'zustand';
import { go } from './route';

interface SearchState {
  /** As it was typed; stays while the user looks at something else. */
  query: string;
  /** Counts how often the field was asked for: each time it takes the focus. */
  asked: number;
}

export const useSearch = create<SearchState>(() => ({ query: '', asked: 0 }));

export function setQuery(query: string): void {
  useSearch.setState({ query });
}

/** Goes to the search, with a query or with the last one. */
export function searchInside(query?: string): void {
  useSearch.setState((state) => ({ query: query ?? state.query, asked: state.asked + 1 }));
  go({ page: 'search' });
}
