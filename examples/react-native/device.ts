/** How this phone takes part: where it keeps what is the person's own, and when it is a good moment. */
import AsyncStorage from '@react-native-async-storage/async-storage';
import NetInfo from '@react-native-community/netinfo';
import {
  createReactNativeStorage,
  deleteReactNativeStorage,
  reactNativeSurroundings,
  type TributaryOptions,
} from '@tributary/client/react-native';
import * as Battery from 'expo-battery';
import * as SecureStore from 'expo-secure-store';
import { AppState } from 'react-native';

/** Of the coordinator: an address that the phone reaches, so not 127.0.0.1. */
const url = 'https://learn.example.com';
const task = 'shop';

/** For `<TributaryProvider>`, which calls it whenever it makes an instance. Consent is pending at first: nothing is sent before. */
export async function deviceOptions(): Promise<TributaryOptions> {
  return {
    url,
    task,
    storage: await createReactNativeStorage({ keyValue: AsyncStorage, key: await atRestKey(), name: task }),
    surroundings: reactNativeSurroundings({ AppState, NetInfo, Battery }),
    // Phones stop what runs in the background; a round that was begun there would only be lost.
    conditions: { hidden: false },
  };
}

/** 32 bytes in Keychain or Keystore, made at the first start. */
async function atRestKey(): Promise<Uint8Array> {
  const name = 'tributary-key';
  const known = await SecureStore.getItemAsync(name);
  if (known !== null) return Uint8Array.from(known.split(','), Number);
  // A backup brings AsyncStorage to a new phone, but not the key: what it holds opens no more.
  await deleteReactNativeStorage({ keyValue: AsyncStorage, name: task });
  const key = crypto.getRandomValues(new Uint8Array(32));
  await SecureStore.setItemAsync(name, key.join(','));
  return key;
}
