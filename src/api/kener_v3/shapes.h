#pragma once

#include "api/schema.h"

namespace pharos::api::kener_v3 {

// Bodies. The originals test values loosely and say what is wrong in texts of their own, so these
// describe what is meant; handlers decode by the rules of kener-classic.md, appendix A.
const Shape& SampleShape();         // A.2
const Shape& IncidentWriteShape();  // A.3 and A.4, either
const Shape& UpdateWriteShape();
const Shape& ImpactWriteShape();
const Shape& CommentWriteShape();
const Shape& StatusWriteShape();
const Shape& MonitorRowShape();  // A.5; also what is answered

const Shape& TodayAskShape();  // A.7
const Shape& DaysAskShape();

// Replies.
const Shape& FailureShape();
const Shape& PushedShape();
const Shape& StatusShape();
const Shape& HeartbeatShape();
const Shape& IncidentShape();
const Shape& UpdateShape();
const Shape& ImpactShape();
const Shape& CommentShape();
const Shape& TodayShape();
const Shape& AggregateShape();
const Shape& NothingShape();  // {}

}  // namespace pharos::api::kener_v3
