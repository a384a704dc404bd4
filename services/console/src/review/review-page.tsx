import { MEASURES, type SweepDetail } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { reviewQuery } from '../api/review.ts';
import { useMayDo } from '../api/session.ts';
import { measuresOf } from '../api/spec.ts';
import { sweepQuery } from '../api/sweeps.ts';
import { Empty, Ready } from '../ui/states.tsx';
import { useKept } from '../ui/use-kept.ts';
import { useTitle } from '../ui/use-title.ts';
import { DeskView } from './desk.tsx';
import { DrawForm } from './draw-form.tsx';
import { LabelFiles } from './label-files.tsx';
import { Quality } from './quality.tsx';
import './review.css';

const from = '/shell/sweeps/$sweepId/review';
const UNITS = 50;
const CODEBOOK = '1';

/** People label answers blind, and see what that says of the judges. */
export function ReviewPage(): ReactElement {
  const { sweepId } = useParams({ from });
  const query = useQuery(sweepQuery(sweepId));
  useTitle(query.data && `Review · ${query.data.name}`);
  return (
    <div className="page review-page">
      <Ready query={query} what="the sweep">
        {(sweep) => <ReviewOf sweep={sweep} />}
      </Ready>
    </div>
  );
}

function ReviewOf({ sweep }: { sweep: SweepDetail }): ReactElement {
  const search = useSearch({ from });
  const mayLabel = useMayDo('submit');
  const [labeller] = useKept('labeller', '');
  const measure = MEASURES.find((one) => one === search.measure);
  const codebook = search.codebook ?? CODEBOOK;
  const draw =
    measure && labeller.trim() !== ''
      ? {
          measure,
          labeller: labeller.trim(),
          codebook,
          n: Number(search.n) || UNITS,
          seed: Number(search.seed) || 0,
        }
      : null;
  return (
    <>
      <div className="page-head">
        <div className="stack sweep-title">
          <nav className="crumbs small" aria-label="Where this is">
            <Link to="/review">Review</Link>
            <Link to="/sweeps/$sweepId" params={{ sweepId: sweep.id }} className="foreign">
              {sweep.name}
            </Link>
          </nav>
          <h1>Review</h1>
        </div>
        <LabelFiles sweepId={sweep.id} mayImport={mayLabel} />
      </div>
      {!mayLabel && (
        <p className="note note-warn">Your key lacks the scope submit: you see what labels say, but cannot label.</p>
      )}
      {measuresOf(sweep).length === 0 ? (
        <Empty title="No grader to hold labels against">
          <p>This sweep has no grader, so a review could tell nothing.</p>
        </Empty>
      ) : (
        mayLabel &&
        (draw ? (
          <DrawnReview sweep={sweep} draw={draw} />
        ) : (
          <DrawForm sweep={sweep} first={{ measure, codebook, units: UNITS }} />
        ))
      )}
      <Quality sweepId={sweep.id} codebook={search.codebook} measure={measure} />
    </>
  );
}

function DrawnReview({ sweep, draw }: { sweep: SweepDetail; draw: Parameters<typeof reviewQuery>[1] }): ReactElement {
  const query = useQuery(reviewQuery(sweep.id, draw));
  return (
    <>
      {query.error && (
        <Link to="/sweeps/$sweepId/review" params={{ sweepId: sweep.id }} className="button review-again">
          Draw otherwise
        </Link>
      )}
      <Ready query={query} what="the draw">
        {(review) => <DeskView key={JSON.stringify(draw)} sweepId={sweep.id} draw={draw} review={review} />}
      </Ready>
    </>
  );
}
