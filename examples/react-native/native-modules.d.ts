/**
 * What this app uses of React Native, Expo and the community's modules, so that it is type-checked in a repository that does not install
 * them. In an app they bring types of their own: leave this file out there.
 */

declare module 'react-native' {
  import type { ReactNode } from 'react';

  interface Styled {
    readonly style?: object;
    readonly children?: ReactNode;
  }
  export function SafeAreaView(props: Styled): ReactNode;
  export function ScrollView(props: Styled & { readonly keyboardShouldPersistTaps?: 'handled' }): ReactNode;
  export function View(props: Styled): ReactNode;
  export function Text(props: Styled & { readonly accessibilityRole?: 'header' | 'alert' }): ReactNode;
  export function TextInput(
    props: Styled & {
      readonly value: string;
      readonly onChangeText: (text: string) => void;
      readonly accessibilityLabel: string;
      readonly placeholder?: string;
    },
  ): ReactNode;
  export function Pressable(
    props: Styled & {
      readonly onPress: () => void;
      readonly accessibilityRole: 'button';
      readonly accessibilityLabel?: string;
    },
  ): ReactNode;
  export const StyleSheet: { create<Styles extends Readonly<Record<string, object>>>(styles: Styles): Styles };
  export const AppState: {
    readonly currentState: 'active' | 'background' | 'inactive' | null;
    addEventListener(name: 'change', listener: (state: string) => void): { remove(): void };
  };
}

declare module 'expo' {
  import type { ComponentType } from 'react';

  export function registerRootComponent(component: ComponentType): void;
}

declare module 'expo-battery' {
  export function getBatteryLevelAsync(): Promise<number>;
  export function getBatteryStateAsync(): Promise<number>;
  export function addBatteryLevelListener(listener: (event: { readonly batteryLevel: number }) => void): {
    remove(): void;
  };
  export function addBatteryStateListener(listener: (event: { readonly batteryState: number }) => void): {
    remove(): void;
  };
}

declare module 'expo-secure-store' {
  export function getItemAsync(key: string): Promise<string | null>;
  export function setItemAsync(key: string, value: string): Promise<void>;
}

declare module '@react-native-community/netinfo' {
  const NetInfo: {
    addEventListener(
      listener: (state: {
        readonly type: string;
        readonly isConnected: boolean | null;
        readonly details: { readonly isConnectionExpensive?: boolean } | null;
      }) => void,
    ): () => void;
  };
  // biome-ignore lint/style/noDefaultExport: the module's own shape
  export default NetInfo;
}

declare module '@react-native-async-storage/async-storage' {
  const AsyncStorage: {
    getItem(key: string): Promise<string | null>;
    setItem(key: string, value: string): Promise<void>;
    removeItem(key: string): Promise<void>;
    getAllKeys(): Promise<readonly string[]>;
    multiGet(keys: readonly string[]): Promise<readonly [string, string | null][]>;
    multiRemove(keys: readonly string[]): Promise<void>;
  };
  // biome-ignore lint/style/noDefaultExport: the module's own shape
  export default AsyncStorage;
}

declare module 'react-native-get-random-values' {
  global {
    var crypto: { getRandomValues<Bytes extends Uint8Array>(into: Bytes): Bytes };
  }
}
