// First of all: the SDK makes keys of what it brings.
import 'react-native-get-random-values';
import { registerRootComponent } from 'expo';
import { App } from './App.tsx';

registerRootComponent(App);
