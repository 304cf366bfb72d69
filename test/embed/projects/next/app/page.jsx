import { Draw } from './draw.jsx';

export default function Page() {
  return <Draw />;
}
