import { type Findings, median, promised, round } from '../common/promise.ts';
import { timeBareEncode } from './bare-encode.ts';
import type { Bench } from './bench.ts';

/** What the pipeline adds to the encode that it is for: claim, inspection, storyboard, poster, preview, upload, check and publishing. */
export async function measurePipeline(bench: Bench): Promise<Findings> {
  const { stack, sizes, rounds } = bench;
  const file = await bench.clip('pipeline.mp4', sizes.pipeline);
  // Not counted: Lambdas start, and files are read for the first time.
  let { job } = await bench.transcode(await bench.clip('warm.mp4', { width: 320, height: 180, seconds: 1 }));
  const ratios: number[] = [];
  const pipelines: number[] = [];
  const bares: number[] = [];
  for (let index = 1; index <= rounds; index++) {
    const transcoded = await bench.transcode(file);
    job = transcoded.job;
    const pipelineMs = transcoded.readyMs - transcoded.createdMs;
    const bareMs = await timeBareEncode(job.Settings ?? {}, file, stack.ffmpeg, stack.directory);
    pipelines.push(pipelineMs);
    bares.push(bareMs);
    ratios.push(pipelineMs / bareMs);
    bench.say(`pipeline ${index}: ${(pipelineMs / 1_000).toFixed(1)} s, bare ffmpeg ${(bareMs / 1_000).toFixed(1)} s`);
  }
  return {
    promised: [promised('pipeline', "time from 'Object Created' to ready ÷ one bare ffmpeg for the same rungs", ratios, { atMost: 1.25 })],
    facts: { pipelineSeconds: round(median(pipelines) / 1_000), bareSeconds: round(median(bares) / 1_000), ffmpeg: stack.ffmpeg.version },
  };
}
