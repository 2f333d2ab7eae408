import {
  TributaryProvider,
  useConsent,
  useExplanation,
  useRecommendations,
  useSearch,
  useTrack,
  useTraining,
  useTributary,
} from '@tributary/client/react-native';
import { useState } from 'react';
import { Pressable, SafeAreaView, ScrollView, StyleSheet, Text, TextInput, View } from 'react-native';
import { deviceOptions } from './device.ts';

export function App() {
  return (
    <TributaryProvider options={deviceOptions}>
      <SafeAreaView style={styles.page}>
        <ScrollView keyboardShouldPersistTaps="handled">
          <ConsentNotice />
          <ForYou />
          <Search />
          <Participation />
        </ScrollView>
      </SafeAreaView>
    </TributaryProvider>
  );
}

function ConsentNotice() {
  const { status, grant } = useConsent();
  if (status === 'granted') return null;
  return (
    <View style={styles.section}>
      <Text>
        Recommendations are learned on this phone. What you look at stays here; the shop receives the sum over many
        people, never your part of it alone.
      </Text>
      <Action title="Take part" onPress={() => void grant()} />
    </View>
  );
}

function ForYou() {
  const { items, recommendationId, status } = useRecommendations({ count: 5, diversity: 0.2 });
  return (
    <View style={styles.section}>
      <Text style={styles.heading} accessibilityRole="header">
        For you
      </Text>
      {items.length === 0 && <Text>{status === 'error' ? 'No model is here yet.' : 'Waiting for the model …'}</Text>}
      {items.map(({ id, title }) => (
        <Thing key={id} id={id} title={title} recommendationId={recommendationId} explained />
      ))}
    </View>
  );
}

function Search() {
  const [text, setText] = useState('');
  const { items } = useSearch(text, { count: 5 });
  return (
    <View style={styles.section}>
      <TextInput
        style={styles.input}
        value={text}
        onChangeText={setText}
        accessibilityLabel="Search"
        placeholder="Search"
      />
      {items.map(({ id, title }) => (
        <Thing key={id} id={id} title={title} />
      ))}
    </View>
  );
}

interface ThingProps {
  readonly id: string;
  readonly title: string;
  readonly recommendationId?: string | undefined;
  readonly explained?: boolean;
}

function Thing({ id, title, recommendationId, explained = false }: ThingProps) {
  const track = useTrack();
  const [problem, setProblem] = useState<string | null>(null);
  const like = () => track({ type: 'like', itemId: id, recommendationId }).catch(({ message }) => setProblem(message));
  return (
    <View style={styles.thing}>
      <Text>{title}</Text>
      {explained && <Because itemId={id} />}
      <Action title="Like" label={`Like ${title}`} onPress={() => void like()} />
      {problem !== null && <Text accessibilityRole="alert">{problem}</Text>}
    </View>
  );
}

/** The item of the person's own history that speaks most for this one. */
function Because({ itemId }: { readonly itemId: string }) {
  const { explanation } = useExplanation(itemId);
  const strongest = [...(explanation?.contributions ?? [])].sort((a, b) => b.value - a.value)[0];
  if (strongest === undefined || strongest.value <= 0) return null;
  return <Text style={styles.hint}>Because you liked {strongest.title}</Text>;
}

function Participation() {
  const { state, obstacles, roundsTakenPartIn, events, pause, resume } = useTraining();
  const { error } = useTributary();
  const { status, revoke } = useConsent();
  return (
    <View style={styles.section}>
      <Text style={styles.heading} accessibilityRole="header">
        Your part
      </Text>
      <Text>
        {events} likes on this phone, {roundsTakenPartIn} rounds since the app was opened; {state}
        {obstacles.length > 0 && ` (${obstacles.join(', ')})`}.
      </Text>
      {error !== null && <Text accessibilityRole="alert">{error.message}</Text>}
      {state === 'paused' ? (
        <Action title="Go on" onPress={() => void resume()} />
      ) : (
        <Action title="Pause" onPress={() => void pause()} />
      )}
      {status === 'granted' && <Action title="Take part no more" onPress={() => void revoke()} />}
    </View>
  );
}

interface ActionProps {
  readonly title: string;
  readonly label?: string;
  readonly onPress: () => void;
}

function Action({ title, label = title, onPress }: ActionProps) {
  return (
    <Pressable style={styles.action} onPress={onPress} accessibilityRole="button" accessibilityLabel={label}>
      <Text style={styles.actionText}>{title}</Text>
    </Pressable>
  );
}

const styles = StyleSheet.create({
  page: { flex: 1, backgroundColor: '#ffffff' },
  section: { padding: 16, gap: 8 },
  heading: { fontSize: 22, fontWeight: '600' },
  hint: { color: '#555555' },
  thing: { paddingVertical: 8, gap: 4 },
  input: { borderWidth: 1, borderColor: '#767676', borderRadius: 8, padding: 12 },
  action: {
    alignSelf: 'flex-start',
    minHeight: 44,
    justifyContent: 'center',
    paddingHorizontal: 16,
    borderRadius: 8,
    backgroundColor: '#1d4ed8',
  },
  actionText: { color: '#ffffff' },
});
