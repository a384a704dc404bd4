import type { SweepDetail } from '@crosscheck/contracts';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';

const FORMATS = ['ndjson', 'csv', 'parquet'] as const;

/** What leaves the console: the trials as files, the report, and a link to this very view. */
export function Exports({ sweep: { id } }: { sweep: SweepDetail }): ReactElement {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(location.href);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <details className="menu">
      <summary className="button">Share</summary>
      <div className="menu-items">
        <button type="button" onClick={() => void copy()}>
          {copied ? 'Link copied' : 'Copy link to this view'}
        </button>
        <Link to="/compare" search={{ a: id }}>
          Compare with another sweep
        </Link>
        <a href={`/v1/sweeps/${id}/report`} target="_blank" rel="noreferrer">
          Report (HTML)
        </a>
        {FORMATS.map((format) => (
          <a key={format} href={`/v1/sweeps/${id}/export?format=${format}`} download>
            Trials ({format})
          </a>
        ))}
        <span className="visually-hidden" role="status">
          {copied ? 'Link copied' : ''}
        </span>
      </div>
    </details>
  );
}
