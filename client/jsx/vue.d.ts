import type { DefineComponent } from 'vue';
import type { Properties, Tags, VueListeners } from '../dist/esm/jsx-types.js';

declare module 'vue' {
  interface GlobalComponents extends UnderpaintComponents {}
}

type UnderpaintComponents = { [Tag in keyof Tags]: DefineComponent<Properties<Tags[Tag]> & VueListeners> };
